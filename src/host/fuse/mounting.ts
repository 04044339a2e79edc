import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, stat } from 'node:fs';
import { Socket } from 'node:net';
import { NodedevError } from '../../errors.ts';
import { FuseSession, type MountedFiles } from './session.ts';

/** How the kernel calls our file systems in /proc/self/mountinfo. */
export const FILE_SYSTEM = 'fuse.virt-nodedev';

/** The options of mount(8), beside the descriptor: all users come in, and the kernel asks for the files' permissions. */
export const MOUNT_OPTIONS =
  'rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,nosuid,nodev,noexec';

/** A folder that this process serves. */
export interface ServedFolder {
  /** Resolved when it is not served any more. */
  readonly ended: Promise<void>;
  /** Ends it, whoever uses it: then nothing is mounted. */
  unmount(): Promise<void>;
}

/** Serving takes one of Node's threads for files as long as it lasts, and one has to be left. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
let serving = 0;

/**
 * Opens /dev/fuse and begins to serve; the caller mounts the descriptor. `ended` is rejected when the kernel gives no more
 * requests for another reason than an unmount.
 *
 * @throws NodedevError `mount-failed`
 */
export function serve(
  files: MountedFiles,
  report: (error: unknown) => void,
): { readonly descriptor: number; readonly session: FuseSession; readonly ended: Promise<void> } {
  if (serving >= THREADS - 1) {
    throw mountFailed(`this process serves ${serving} folders, which keeps as many threads busy`, {
      hint: 'set UV_THREADPOOL_SIZE to more than 4 before Node starts, or use several processes',
    });
  }
  const descriptor = openFuse();
  const session = new FuseSession(descriptor, files, report);
  serving += 1;
  const ended = session.serve().finally(() => {
    serving -= 1;
  });
  ended.catch(() => undefined); // who waits for the end hears of it
  return { descriptor, session, ended };
}

/**
 * Mounts files at a folder and serves them. A helper process unmounts them should this process be killed.
 *
 * @param source what the table of mounts says of it
 * @throws NodedevError `mount-failed`
 */
export async function mountFiles(
  files: MountedFiles,
  mountpoint: string,
  source: string,
  report: (error: unknown) => void,
): Promise<ServedFolder> {
  const { descriptor, session, ended } = serve(files, report);
  const options = `fd=3,${MOUNT_OPTIONS}`;
  const { status, complaint } = await run(
    'mount',
    ['-i', '-t', FILE_SYSTEM, '-o', options, source, mountpoint],
    descriptor,
  );
  if (status !== 0) {
    session.endAfterNext();
    throw mountFailed(`cannot mount at ${mountpoint}: ${complaint}`);
  }
  const guard = guardOf(mountpoint);
  void ended.catch(() => undefined).then(() => guard.stdin?.end('\n'));
  await session.ready;
  return {
    ended,
    async unmount() {
      if ((await run('umount', ['--', mountpoint])).status !== 0) {
        // Somebody uses it. Without its server it is dead, and then it is out of the way.
        await endNow(session, mountpoint);
        await ended;
        await unmountLazily(mountpoint);
      }
      await ended;
    },
  };
}

/** Ends serving a folder, which a call in it makes happen: the kernel asks for every name. */
export async function endNow(session: FuseSession, folder: string): Promise<void> {
  session.endAfterNext();
  await new Promise((resolve) => stat(`${folder}/end`, resolve));
}

/** Takes a mount out of the way, also while it is used. */
export async function unmountLazily(mountpoint: string): Promise<void> {
  await run('umount', ['-l', '--', mountpoint]);
}

/** A refusal to mount, with what would do. */
export function mountFailed(
  message: string,
  details: { readonly hint?: string } = {},
): NodedevError {
  const hint = 'it takes root, or a user namespace with its own mounts: `unshare -rm`';
  return new NodedevError('mount-failed', message, { hint, ...details });
}

function openFuse(): number {
  try {
    return openSync('/dev/fuse', 'r+');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw mountFailed(`this machine has no FUSE for this user: ${reason}`);
  }
}

/**
 * A shell that waits for a line, and unmounts the folder when it gets the end of its input instead, because this process was
 * killed. Only a folder that cannot be entered any more: it may have been unmounted before.
 */
function guardOf(mountpoint: string): ChildProcess {
  const script = 'read -r _ || cd "$1" || exec umount -l -- "$1"';
  const guard = spawn('sh', ['-c', script, 'virt-nodedev-guard', mountpoint], {
    cwd: '/',
    detached: true, // Ctrl-C is for this process
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined); // then a kill leaves a dead mount, which the next command tells
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

/** Runs a program with a descriptor as its fourth one; what it complains of is on one line. */
function run(
  program: string,
  parameters: readonly string[],
  descriptor?: number,
): Promise<{ readonly status: number; readonly complaint: string }> {
  return new Promise((resolve) => {
    const extra = descriptor === undefined ? [] : [descriptor];
    const child = spawn(program, parameters, { stdio: ['ignore', 'ignore', 'pipe', ...extra] });
    let complaint = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(0, 1000);
    });
    child.on('error', ({ message }) => resolve({ status: 127, complaint: message }));
    child.on('close', (status) => {
      resolve({ status: status ?? 1, complaint: complaint.trim().replaceAll(/\s*\n\s*/g, '; ') });
    });
  });
}
