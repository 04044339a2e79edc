import { execFile, type ExecFileException } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { NodedevError } from '../../errors.ts';

/** A look at a host far away, over ssh, takes some seconds; one that hangs must end. */
const SECONDS = 60;

/** A host with some thousand devices prints some megabytes. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** So many commands go to one virsh: they are one argument, which Linux limits to 128 KiB. */
const COMMANDS = 500;

/** What virsh printed for one command; undefined: it refused it. */
export type VirshAnswers = readonly (string | undefined)[];

/**
 * Runs commands of virsh on a connection that can only read: without a shell, for a limited time, and only so much of its output is
 * read. The commands are made of names that were checked. virsh goes on after one that it refuses.
 *
 * @param uri libvirt's, which was checked
 * @throws NodedevError `libvirt-failed` when virsh is not there, or has no connection
 */
export async function virsh(uri: string, commands: readonly string[]): Promise<VirshAnswers> {
  const answers: (string | undefined)[] = [];
  for (let first = 0; first < commands.length; first += COMMANDS) {
    answers.push(...(await run(uri, commands.slice(first, first + COMMANDS))));
  }
  return answers;
}

/**
 * Runs one command of virsh.
 *
 * @throws NodedevError `libvirt-failed`, with libvirt's sentences, also when it is refused
 */
export async function virshOne(uri: string, command: string): Promise<string> {
  const { failure, stdout, stderr } = await start(['-r', '-q', '-c', uri, command]);
  if (failure !== undefined) throw failed(uri, failure, stderr);
  return stdout;
}

async function run(uri: string, commands: readonly string[]): Promise<VirshAnswers> {
  // No text of a device or domain can have it.
  const mark = `end-${randomUUID()}`;
  const script = commands.flatMap((command) => [command, `echo ${mark}`]).join('; ');
  const parts = (await virshOne(uri, script)).split(mark).slice(0, -1);
  if (parts.length < commands.length) throw failed(uri, 'printed too little', '');
  return parts.map((part) => (part.trim() === '' ? undefined : part));
}

interface Ended {
  /** Why it is no answer. */
  readonly failure: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): Promise<Ended> {
  const options = {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    timeout: SECONDS * 1000,
  } as const;
  return new Promise((resolve) => {
    const child = execFile('virsh', args, options, (error, stdout, stderr) => {
      resolve({ failure: error === null ? undefined : failureOf(error), stdout, stderr });
    });
    child.stdin?.end();
  });
}

function failureOf(error: ExecFileException): string {
  if (error.code === 'ENOENT') return 'is not installed here';
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'printed too much';
  if (error.killed === true) return `did not end within ${SECONDS} s`;
  return typeof error.code === 'string' ? `cannot be run: ${error.code}` : 'failed';
}

/** virsh prints its own sentence, and then libvirt's, which says why. */
function failed(uri: string, how: string, stderr: string): NodedevError {
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^error:\s*/u, '').trim())
    .filter((line) => line !== '');
  const why = said.length === 0 ? '' : `: ${said.slice(0, 3).join('; ')}`;
  return new NodedevError('libvirt-failed', `virsh ${how} for ${uri}${why}`, {
    hint:
      how === 'is not installed here'
        ? 'install it (libvirt-clients in Debian, libvirt-client in Fedora), or connect where virt-nodedev is installed: sysfs:///'
        : 'try the same by hand: `virsh -r -c URI nodedev-list`',
  });
}
