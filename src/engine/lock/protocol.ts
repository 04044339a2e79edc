/** A socket that this process listens at. */
export interface Listener {
  /** Ends listening: new connections are refused, and existing ones are closed. */
  close(): void;
}

/** The result of connecting to a socket's name. */
export type Meeting =
  /** No process listens there any more. */
  | 'refused'
  /** There is no such name. */
  | 'absent'
  /** A process listened, and has ended this now. */
  | 'ended';

/** The calls that the protocol needs of a lock's folder. Each is atomic, as the kernel's calls are. */
export interface LockFolder {
  /** All names in it at one moment during the call. */
  names(): Awaitable<readonly string[]>;
  /** Listens under a name that no other process uses. */
  listen(name: string): Promise<Listener>;
  /** Adds a second name to a socket; false: `to` exists already, or `from` does not. */
  link(from: string, to: string): Awaitable<boolean>;
  /** Removes a name. It need not exist. */
  unlink(name: string): Awaitable<void>;
  /** Connects, and waits as long as a process listens there. Throws when the time is over. */
  meet(name: string): Promise<Meeting>;
}

type Awaitable<T> = T | Promise<T>;

/** A lock that is held. */
export interface HeldNumber {
  readonly number: number;
  /** The names in the folder when the lock was taken. */
  readonly names: readonly string[];
  readonly listener: Listener;
}

const NUMBERED = /^lock\.([1-9]\d{0,14})$/u;

/** The file of a number. */
export const lockName = (number: number): string => `lock.${number}`;

/** The number of a lock's file; undefined for every other name. */
export function numberOf(name: string): number | undefined {
  const [, digits] = NUMBERED.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Takes the lock of a folder, for one process at a time, wherever they run that see the folder: a holder is a process
 * that listens at the socket with the highest number. The kernel closes the socket when its process ends, however it
 * does, so nothing that a dead process left has to be trusted. A waiting process is connected to the holder, so it notices.
 *
 * 1. Look for the highest number N. Connect to it: while somebody listens, wait, then begin again.
 * 2. Nobody listens (or there is no number, so N is 0): link a socket of our own, which listens already, to N + 1. When
 *    that name is there, somebody was faster: begin again.
 * 3. Look once more. When there is a higher number, remove ours and begin again; else the lock is held.
 *
 * A name is removed only by who has seen a higher one: its own in step 3, and lower ones by a holder. Releasing the lock
 * closes the socket and removes nothing.
 *
 * Why never two hold it:
 * - The highest number never gets less: a name goes only after a higher one was there. So a number that was the highest
 *   is never given a second time: for that, the number below it would have to be the highest again.
 * - Let P hold M, and Q hold K > M later, while P listens. When P looked in step 3, M was the highest, so all numbers up
 *   to K were linked after that. Who linked M + 1 saw M as the highest and was refused there; by the first point that M
 *   was P's, and P had listened before M had its name. So P had stopped listening.
 * - Let Q link a number below M instead: in step 3 it sees M, or what was linked after M.
 *
 * @param newName gives a name of ours nobody else uses, a new one with each call
 * @throws what `folder` throws; nothing of ours listens then
 */
export async function takeNumber(folder: LockFolder, newName: () => string): Promise<HeldNumber> {
  let own: { readonly name: string; readonly listener: Listener } | undefined;
  try {
    for (;;) {
      const last = highest(await folder.names());
      if (last > 0 && (await folder.meet(lockName(last))) !== 'refused') continue;
      if (own === undefined) {
        const name = newName();
        own = { name, listener: await folder.listen(name) };
      }
      const number = last + 1;
      if (await folder.link(own.name, lockName(number))) {
        const names = await folder.names();
        if (highest(names) === number) {
          const { listener, name } = own;
          await folder.unlink(name);
          return { number, names: names.filter((other) => other !== name), listener };
        }
        await folder.unlink(lockName(number));
      } else if (!(await folder.names()).includes(own.name)) {
        own.listener.close(); // another holder removed it while we waited
        own = undefined;
      }
    }
  } catch (error) {
    if (own !== undefined) {
      own.listener.close();
      await folder.unlink(own.name);
    }
    throw error;
  }
}

/** The highest number; 0 when there is none. */
export const highest = (names: readonly string[]): number =>
  names.reduce((most, name) => Math.max(most, numberOf(name) ?? 0), 0);
