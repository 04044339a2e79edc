import type { ByteOrder } from './requests.ts';

/** A file, folder or link as stat(2) shows it. */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'link';
  /** The permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The most bytes of one write that the kernel gives at once: more than a page, so that a page at most can be taken of it. */
export const MAX_WRITE = 8192;

const TYPES = { file: 0o100000, directory: 0o040000, link: 0o120000 } as const;
const DIRENT_TYPES = { file: 8, directory: 4, link: 10 } as const;
/** include/uapi/linux/fuse.h: the number of an inode that is not known. */
const UNKNOWN_INODE = 0xffff_ffff;
const BLOCK = 4096;
const PAGE = 4096;

/** Writes of more than a page at once; and several lookups in a folder at a time. */
const WANTED_FLAGS = (1 << 5) | (1 << 18);
/** Files have no true size, so none of their pages is kept; and writers do not wait for each other. */
const OPEN_FLAGS = (1 << 0) | (1 << 6);

/** So long the kernel asks for no permissions again on its way through folders: half of all requests would be that. */
const ATTRIBUTE_SECONDS = 1;

type Field = readonly [bytes: 2 | 4 | 8, value: number];

/** Replies to requests: a header of 16 bytes, and what was asked for. They are laid out as {@link ByteOrder} says. */
export class Replies {
  readonly #order: ByteOrder;

  constructor(order: ByteOrder) {
    this.#order = order;
  }

  /** @param errno positive; 0: it was done, and there is nothing to say of it */
  error(unique: bigint, errno: number): Buffer {
    return this.#reply(unique, Buffer.alloc(0), -errno);
  }

  data(unique: bigint, bytes: Uint8Array): Buffer {
    return this.#reply(unique, bytes);
  }

  /** @param offered the flags that the kernel offers */
  init(unique: bigint, offered: number): Buffer {
    return this.#fields(unique, [
      [4, 7], // the version of the protocol
      [4, 31],
      [4, 0], // nothing is read ahead
      [4, offered & WANTED_FLAGS],
      [2, 16], // requests in the background, and when there are many
      [2, 12],
      [4, MAX_WRITE],
      [4, 1],
      ...Array.from({ length: 9 }, (): Field => [4, 0]),
    ]);
  }

  /** Names are asked for each time: what other commands change is seen at once. */
  entry(unique: bigint, node: number, status: FileStatus): Buffer {
    return this.#fields(unique, [
      [8, node],
      [8, 0], // its generation
      [8, 0], // seconds for which the name is good
      [8, ATTRIBUTE_SECONDS],
      [8, 0], // and the nanoseconds of both
      ...attributes(node, status),
    ]);
  }

  attributes(unique: bigint, node: number, status: FileStatus): Buffer {
    return this.#fields(unique, [[8, ATTRIBUTE_SECONDS], [8, 0], ...attributes(node, status)]);
  }

  opened(unique: bigint, handle: number): Buffer {
    return this.#fields(unique, [
      [8, handle],
      [4, OPEN_FLAGS],
      [4, 0],
    ]);
  }

  written(unique: bigint, size: number): Buffer {
    return this.#fields(unique, [
      [4, size],
      [4, 0],
    ]);
  }

  /** The entries from `offset` on, as many as fit into `size` bytes. */
  entries(
    unique: bigint,
    list: readonly { readonly name: string; readonly kind: FileStatus['kind'] }[],
    { offset, size }: { readonly offset: number; readonly size: number },
  ): Buffer {
    const parts: Buffer[] = [];
    let left = size;
    for (let index = offset; index < list.length; index += 1) {
      const entry = list[index];
      if (entry === undefined) break;
      const name = Buffer.from(entry.name);
      const start = pack(this.#order, [
        [8, UNKNOWN_INODE],
        [8, index + 1],
        [4, name.length],
        [4, DIRENT_TYPES[entry.kind]],
      ]);
      const padding = Buffer.alloc(-(start.length + name.length) & 7);
      left -= start.length + name.length + padding.length;
      if (left < 0) break;
      parts.push(start, name, padding);
    }
    return this.#reply(unique, Buffer.concat(parts));
  }

  /** A file system without blocks, as sysfs is one. */
  statfs(unique: bigint): Buffer {
    return this.#fields(unique, [
      ...Array.from({ length: 5 }, (): Field => [8, 0]),
      [4, BLOCK],
      [4, 255],
      [4, BLOCK],
      ...Array.from({ length: 7 }, (): Field => [4, 0]),
    ]);
  }

  #fields(unique: bigint, fields: readonly Field[]): Buffer {
    return this.#reply(unique, pack(this.#order, fields));
  }

  #reply(unique: bigint, body: Uint8Array, error = 0): Buffer {
    const reply = Buffer.alloc(16 + body.length);
    const view = new DataView(reply.buffer, reply.byteOffset, 16);
    const isLittle = this.#order === 'LE';
    view.setUint32(0, reply.length, isLittle);
    view.setInt32(4, error, isLittle);
    view.setBigUint64(8, unique, isLittle);
    reply.set(body, 16);
    return reply;
  }
}

/** The 88 bytes of a file's attributes. */
function attributes(node: number, status: FileStatus): readonly Field[] {
  const seconds = Math.floor(status.time / 1000);
  const nanoseconds = Math.floor((status.time - seconds * 1000) * 1e6);
  return [
    [8, node],
    [8, status.size],
    [8, 0],
    [8, seconds],
    [8, seconds],
    [8, seconds],
    [4, nanoseconds],
    [4, nanoseconds],
    [4, nanoseconds],
    [4, TYPES[status.kind] | status.mode],
    [4, status.links],
    [4, status.uid],
    [4, status.gid],
    [4, 0],
    [4, PAGE],
    [4, 0],
  ];
}

function pack(order: ByteOrder, fields: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = order === 'LE';
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 8) view.setBigUint64(at, BigInt(value), isLittle);
    else if (size === 4) view.setUint32(at, value, isLittle);
    else view.setUint16(at, value, isLittle);
    at += size;
  }
  return bytes;
}
