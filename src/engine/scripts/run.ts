import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf, fileError } from '../definitions/problems.ts';

export interface ScriptResult {
  /** Exit status; undefined when it did not exit by itself. */
  readonly status: number | undefined;
  /** Why there is no status: it could not be run, ran out of time, or got a signal. */
  readonly failure: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script prints a line or a device's attributes. More output than this is not read. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs a script with our environment and directory, and `input` as its standard input. At the time limit the script and
 * its process group are killed. A daemon that it leaves behind is not waited for.
 *
 * @throws NodedevError store-failed or permission-denied when the files for its input and output cannot be made
 */
export async function runScript(
  path: string,
  parameters: readonly string[],
  input: string,
  limitMs: number,
): Promise<ScriptResult> {
  const streams = openStreams(input);
  try {
    const end = await runToEnd(path, parameters, streams, limitMs);
    return { ...end, stdout: readStart(streams[1]), stderr: readStart(streams[2]) };
  } finally {
    for (const stream of streams) closeSync(stream);
  }
}

type Streams = readonly [number, number, number];

function runToEnd(
  path: string,
  parameters: readonly string[],
  streams: Streams,
  limitMs: number,
): Promise<Pick<ScriptResult, 'status' | 'failure'>> {
  return new Promise((resolve) => {
    const notRun = (error: unknown): string =>
      `cannot be run: ${errnoOf(error) ?? (error instanceof Error ? error.message : String(error))}`;
    let child: ChildProcess;
    try {
      child = spawn(path, parameters, { detached: true, stdio: [...streams] });
    } catch (error) {
      // Some errnos are thrown, others come as an event.
      resolve({ status: undefined, failure: notRun(error) });
      return;
    }
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
    }, limitMs);
    const end = (status: number | null, failure: string | undefined): void => {
      clearTimeout(limit);
      resolve({ status: failure === undefined ? (status ?? undefined) : undefined, failure });
    };
    child.on('error', (error) => end(null, notRun(error)));
    child.on('exit', (status, signal) => {
      if (isLate) end(null, `did not end within ${limitMs / 1000} s`);
      else end(status, signal === null ? undefined : `was ended by ${signal}`);
    });
  });
}

/**
 * Standard input, output and error as files without a name. Not as pipes: Node's are sockets, and a script that
 * opens /dev/stdin or /dev/stderr, as many do, cannot open a socket.
 */
function openStreams(input: string): Streams {
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-script-'));
    writeFileSync(join(folder, 'stdin'), input);
    return [
      openSync(join(folder, 'stdin'), 'r'),
      openSync(join(folder, 'stdout'), 'ax+'),
      openSync(join(folder, 'stderr'), 'ax+'),
    ];
  } catch (error) {
    throw fileError('write', folder ?? tmpdir(), error);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  }
}

function readStart(descriptor: number): string {
  const buffer = Buffer.alloc(MAX_OUTPUT);
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MAX_OUTPUT, 0));
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error; // it has just ended
  }
}
