import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A file that is kept open, and read on as it grows, also when another one has taken its name. */
export class OpenFile {
  readonly inode: number;
  readonly #descriptor: number;
  #offset = 0;

  /** @throws Error of Node; a link is not followed */
  constructor(path: string) {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    this.#descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    this.inode = fstatSync(this.#descriptor).ino;
  }

  /** What is there now is not read. */
  skip(): void {
    this.#offset = fstatSync(this.#descriptor).size;
  }

  /** What was added since the last call. */
  readOn(): Buffer {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(this.#descriptor).size - this.#offset));
    const count = readSync(this.#descriptor, bytes, 0, bytes.length, this.#offset);
    this.#offset += count;
    return bytes.subarray(0, count);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
