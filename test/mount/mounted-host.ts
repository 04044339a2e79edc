import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** The built command. The server of a mount is a process of its own: a test waits for what it asks of it. */
const BIN = join(import.meta.dirname, '../../dist/cli/bin.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export function ended(program: string, ...words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { encoding: 'utf8' }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}

export const virtNodedev = (...words: readonly string[]): Promise<Ended> =>
  ended(process.execPath, BIN, ...words);

/** A program with the command's words, for shells. */
export const COMMAND = `${process.execPath} ${BIN}`;

export async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`waited for a minute: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Begins `sim mount`, and resolves when it says that the host is mounted. */
export async function mount(...words: readonly string[]): Promise<ChildProcess> {
  const server = spawn(process.execPath, [BIN, 'sim', 'mount', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  server.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  await until(() => said.includes('mounted at') || server.exitCode !== null);
  return server;
}

/** Resolves when a process has ended. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  await until(() => child.exitCode !== null || child.signalCode !== null);
  return { code: child.exitCode, signal: child.signalCode, stdout: '', stderr: '' };
}

/** The lines of the table of mounts that name a folder. */
export const mountsBelow = (folder: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${folder}`));

/** A simulated host that is mounted as long as a file's tests run. */
export class MountedHost {
  readonly folder = mkdtempSync(
    join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'virt-nodedev-mount-'),
  );
  readonly root = join(this.folder, 'host');
  readonly uri = `sim://${this.root}`;
  readonly sys = join(this.folder, 'sys');
  readonly vfio = join(this.folder, 'vfio');
  #server: ChildProcess | undefined;

  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  async start(profile: string): Promise<void> {
    for (const folder of [this.sys, this.vfio]) mkdirSync(folder, { recursive: true });
    await virtNodedev('sim', 'init', this.root, '--profile', profile);
    this.#server = await mount(this.root, this.sys, '--vfio', this.vfio);
  }

  async stop(): Promise<void> {
    if (this.#server !== undefined) {
      this.#server.kill();
      await endOf(this.#server);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A host of a profile, mounted for the tests of a file or a block. */
export function mountedHost(profile: string): MountedHost {
  const host = new MountedHost();
  beforeAll(() => host.start(profile));
  afterAll(() => host.stop());
  return host;
}
