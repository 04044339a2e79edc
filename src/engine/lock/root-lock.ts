import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { randomUUID as randomUuid } from 'node:crypto';
import { NodedevError } from '../../errors.ts';
import { abortError } from '../aborted.ts';
import { fileError } from '../definitions/problems.ts';
import { checkOwnFolder, makeOwnFolder } from '../store/own-files.ts';
import { highest, lockName, numberOf, takeNumber } from './protocol.ts';
import { isHeard, socketFolder } from './socket-folder.ts';

/** The folder of the lock of everything below a root. It need not survive a boot, since no holder does. */
const LOCK_FOLDER = 'run/virt-nodedev/lock';

/** After this time, sockets without the lock are removed: their processes died. One that still waits makes a new one. */
const STALE_MS = 60_000;

/**
 * Takes the one lock below a root that every change of host, store and journal needs; `takeNumber` says how. Waiting
 * blocks nothing.
 *
 * @param seconds how long to wait at most
 * @param ends signals that end the waiting
 * @returns the function that releases the lock
 * @throws NodedevError `aborted`, `lock-timeout` (who holds it), `permission-denied`, `store-failed`: nothing was changed
 */
export async function lockRoot(
  root: string,
  seconds: number,
  ends: readonly AbortSignal[],
): Promise<() => void> {
  const folder = join(root, LOCK_FOLDER);
  const descriptor = openFolder(root, folder);
  const limit = new AbortController();
  const end = ({ target }: Event): void => {
    if (target instanceof AbortSignal) limit.abort(abortError(target));
  };
  for (const signal of ends) signal.addEventListener('abort', end, { once: true });
  const timer = setTimeout(() => limit.abort(lockTimeout(folder, seconds)), seconds * 1000);
  try {
    const { number, names, listener } = await takeNumber(
      socketFolder(descriptor, folder, limit.signal),
      () => `.next-${process.pid}-${randomUuid()}`,
    );
    tidy(folder, names, number);
    return () => {
      listener.close();
      closeFolder(descriptor); // after the socket, whose name is below it
    };
  } catch (error) {
    closeFolder(descriptor);
    throw error;
  } finally {
    clearTimeout(timer);
    for (const signal of ends) signal.removeEventListener('abort', end);
  }
}

/** An error says nothing of what was done under the lock, and Linux has closed the folder all the same (close(2)). */
function closeFolder(descriptor: number): void {
  try {
    fs.closeSync(descriptor);
  } catch {
    // as said
  }
}

function openFolder(root: string, folder: string): number {
  try {
    if (!checkOwnFolder(root, LOCK_FOLDER)) makeOwnFolder(folder, 0o755);
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, W_OK } = fs.constants;
    // Who may not write here would only learn it from a holder's socket.
    fs.accessSync(folder, W_OK);
    return fs.openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw error instanceof NodedevError ? error : fileError('take the lock', folder, error);
  }
}

/**
 * Removes names that other processes left, and notes the holder of the lock for messages. Errors are ignored: the next
 * holder does this again, and without the note a message only says less.
 */
function tidy(folder: string, names: readonly string[], number: number): void {
  const isLeft = (name: string): boolean =>
    name.startsWith('.next-')
      ? Date.now() - fs.lstatSync(join(folder, name)).mtimeMs > STALE_MS
      : (numberOf(name.replace(NOTE, 'lock.')) ?? number) < number;
  for (const name of names) {
    try {
      if (isLeft(name)) fs.unlinkSync(join(folder, name));
    } catch {
      // The next holder removes it.
    }
  }
  try {
    fs.symlinkSync(noteOfThisProcess(), join(folder, NOTE + number));
  } catch {
    // Without the note a message says less.
  }
}

/**
 * Whether a process holds the lock below a root: the note of the highest number names it, and somebody listens there. It is
 * only asked of a process that waits for this one, so that it cannot give the lock back meanwhile.
 */
export async function isLockHeldBy(root: string, pid: number): Promise<boolean> {
  const folder = join(root, LOCK_FOLDER);
  let descriptor: number | undefined;
  try {
    const number = highest(fs.readdirSync(folder));
    const note = number === 0 ? '' : fs.readlinkSync(join(folder, NOTE + number));
    if (!note.startsWith(`process ${pid} (`)) return false;
    descriptor = openFolder(root, folder);
    return await isHeard(descriptor, lockName(number));
  } catch {
    return false; // then the lock is waited for, and that says what is wrong
  } finally {
    if (descriptor !== undefined) closeFolder(descriptor);
  }
}

/** A dangling link whose text names the holder of a number. It is made with one call, so it is always complete. */
const NOTE = 'holder.';
const LONGEST_COMMAND = 200;

function noteOfThisProcess(): string {
  const [, program = process.execPath, ...words] = process.argv;
  const command = [basename(program), ...words].join(' ').slice(0, LONGEST_COMMAND);
  return `process ${process.pid} (${command}) since ${new Date().toISOString()}`;
}

/** @param seconds how long the wait was */
function lockTimeout(folder: string, seconds: number): NodedevError {
  let holder = '';
  let name = '';
  try {
    const number = highest(fs.readdirSync(folder));
    name = `/${lockName(number)}`;
    // Every process that may write to the folder can have written this text.
    const note = fs.readlinkSync(join(folder, NOTE + number));
    holder = ` by ${note.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')}`;
  } catch {
    // Then the message does not name the holder.
  }
  return new NodedevError(
    'lock-timeout',
    `the lock ${folder}${name} is held${holder}: waited ${seconds} s`,
    { hint: 'nothing was changed: wait until that process is done, or end it, and try again' },
  );
}
