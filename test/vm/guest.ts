import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(process.cwd(), 'dist/cli/bin.js');
export const QEMU = join(process.cwd(), 'test/vm/qemu.sh');
const { VIRT_NODEDEV_KERNEL: FOLDER = '' } = process.env;
export const KERNEL = join(FOLDER, 'vmlinux');
export const INITRD = join(FOLDER, 'vm.gz');

const BOOT = [
  '-kernel',
  KERNEL,
  '-initrd',
  INITRD,
  '-append',
  'console=tty0 console=ttyS0 quiet panic=-1 nokaslr mitigations=off no_timer_check tsc=reliable random.trust_cpu=on',
];

/** What a program says until it ends. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const virtNodedev = (...words: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [BIN, ...words], (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 100_000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A program that runs on, with all it has said. */
export class Running {
  readonly child: ChildProcess;
  said = '';

  constructor(program: string, words: readonly string[]) {
    this.child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for a text, after what was said before. */
  async says(text: string, from = 0): Promise<void> {
    await until(() => this.said.includes(text, from) || this.hasEnded);
    if (!this.said.includes(text, from)) throw new Error(`it ended, and said:\n${this.said}`);
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.hasEnded) this.child.kill(signal);
    await until(() => this.hasEnded);
  }
}

/** Serves devices with the command. */
export async function attach(uri: string, ...words: readonly string[]): Promise<Running> {
  const server = new Running(process.execPath, [BIN, '-c', uri, 'sim', 'attach', ...words]);
  await server.says('attached at');
  return server;
}

/** A VM of QEMU whose guest runs what it is told on its serial line. */
export class Guest extends Running {
  constructor(words: readonly string[], program = QEMU) {
    super(program, words);
  }

  static async boot(name: string, devices: readonly string[]): Promise<Guest> {
    const machine = `-name guest=${name} -machine pc -accel tcg -cpu max,la57=off -m 256`;
    const bare = '-nodefaults -no-user-config -display none -serial stdio';
    const guest = new Guest([...`${machine} ${bare}`.split(' '), ...BOOT, ...devices]);
    await guest.says('READY');
    return guest;
  }

  /** What a command prints in the guest. */
  async run(command: string): Promise<string> {
    const from = this.said.length;
    this.child.stdin?.write(`${command}\n`);
    await until(() => /STATUS \d+\r?\n/u.test(this.said.slice(from)) || this.hasEnded);
    const [, output = '', status] = /^(.*?)STATUS (\d+)/su.exec(this.said.slice(from)) ?? [];
    if (status !== '0') throw new Error(`${command}: ${status ?? 'the VM ended'}: ${output}`);
    return output.replaceAll('\r', '');
  }
}

/** A VM that the command starts: `sim start --qemu`. */
export async function started(words: readonly string[]): Promise<Guest> {
  const guest = new Guest([BIN, ...words], process.execPath);
  await guest.says('READY');
  return guest;
}
