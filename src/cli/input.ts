import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { readToEnd, tooLarge } from '../bounded-read.ts';

/** The limits of reading. */
export interface InputLimits {
  readonly bytes: number;
  /** Seconds without a byte after which reading ends, except for files and terminals. */
  readonly silence: number;
}

/** Milliseconds between two looks at a FIFO. */
const PAUSE = 10;
/** The longest time of setTimeout, some 25 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * Reads a file, FIFO or terminal by name. Other devices are refused without opening them, because this can have an effect.
 *
 * @param path bytes if the name is not UTF-8
 * @throws Error Node's own, or one with the reason
 */
export async function readPath(path: string | Buffer, limits: InputLimits): Promise<Buffer> {
  refuseDevice(statSync(path));
  // Non-blocking: it waits neither for the writer of a FIFO nor for a line.
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const status = fstatSync(descriptor);
    refuseDevice(status);
    const isTerminal = isatty(descriptor);
    if (!isTerminal && !status.isFIFO()) return readToEnd(descriptor, limits.bytes);
    return await readSlowly(descriptor, isTerminal ? { ...limits, silence: Infinity } : limits);
  } finally {
    closeSync(descriptor);
  }
}

/** The first bytes of a file, without waiting. */
export async function readHead(path: string | Buffer, bytes: number): Promise<Buffer> {
  refuseDevice(statSync(path));
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Reads from a non-blocking descriptor by trying again. For a FIFO that no process has opened for writing yet, 0 bytes do
 * not mean the end.
 */
async function readSlowly(descriptor: number, { bytes, silence }: InputLimits): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  let hasBegun = silence === Infinity;
  for (let last = performance.now(); performance.now() - last <= silence * 1000; ) {
    const ready = readReady(descriptor, bytes + 1 - size);
    if (ready === undefined || ready.length > 0) hasBegun = true;
    else if (hasBegun) return Buffer.concat(parts, size);
    if (ready === undefined || ready.length === 0) {
      await sleep(PAUSE);
      continue;
    }
    last = performance.now();
    size += ready.length;
    if (size > bytes) throw new Error(tooLarge(bytes));
    parts.push(ready);
  }
  throw silent(silence);
}

/** The bytes that are available; undefined: none yet. */
function readReady(descriptor: number, most: number): Buffer | undefined {
  const part = Buffer.alloc(Math.min(most, 64 * 1024));
  try {
    return part.subarray(0, readSync(descriptor, part));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** Reads standard input to its end. As {@link readPath}. */
export async function readStandardInput(limits: InputLimits): Promise<Buffer> {
  const status = fstatSync(0);
  // Of a folder, Node's stream would be empty; reading it says what it is.
  if (status.isFile() || status.isDirectory()) return readToEnd(0, limits.bytes);
  const isTerminal = isatty(0);
  if (!isTerminal) refuseDevice(status);
  return readStream(process.stdin, { ...limits, silence: isTerminal ? Infinity : limits.silence });
}

async function readStream(stream: Readable, { bytes, silence }: InputLimits): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const end = (): void => {
    stream.destroy(silent(silence));
  };
  const timer =
    silence === Infinity ? undefined : setTimeout(end, Math.min(silence * 1000, LONGEST));
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      timer?.refresh();
      size += part.length;
      if (size > bytes) throw new Error(tooLarge(bytes));
      parts.push(part);
    }
    return Buffer.concat(parts, size);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

const silent = (seconds: number): Error =>
  new Error(`no byte came for ${seconds} s; --input-timeout waits longer`);

function refuseDevice(status: Stats): void {
  if (status.isBlockDevice() || (status.isCharacterDevice() && !isTerminalNode(status))) {
    throw new Error('it is a device, not a file');
  }
}

/** The major numbers of terminals, from the kernel's Documentation/admin-guide/devices.txt: consoles, serial lines, pts. */
function isTerminalNode({ rdev }: Stats): boolean {
  const major = Math.floor(rdev / 256) % 4096;
  return major === 4 || major === 5 || (major >= 136 && major <= 143);
}
