import { isUtf8 } from 'node:buffer';

/**
 * The order of the bytes in the kernel's messages: the machine's own (`os.endianness()`). Messages are laid out as in
 * include/uapi/linux/fuse.h of version 7.31 of the protocol.
 */
export type ByteOrder = 'BE' | 'LE';

/** What every request begins with: 40 bytes. */
export interface RequestHeader {
  /** Given back in the reply. */
  readonly unique: bigint;
  /** The number of the file that it is about, as a reply gave it; 1 is the root. */
  readonly node: number;
  /** The thread that makes the system call, as this process sees it; 0 when it does not. */
  readonly pid: number;
}

/** What a request asks. `refused`: a change of the tree itself, or what only some file systems have. */
export type Question =
  | { readonly op: 'init'; readonly major: number; readonly minor: number; readonly flags: number }
  | { readonly op: 'lookup'; readonly name: string | undefined }
  | { readonly op: 'forget'; readonly nodes: readonly Forgotten[] }
  | { readonly op: 'setattr'; readonly valid: number }
  | { readonly op: 'open'; readonly flags: number }
  | { readonly op: 'read' | 'readdir'; readonly place: Place }
  | { readonly op: 'write'; readonly handle: number; readonly data: Buffer }
  | { readonly op: 'release' | 'releasedir'; readonly handle: number }
  | { readonly op: 'getattr' | 'readlink' | 'opendir' | 'statfs' | 'destroy' }
  | { readonly op: 'refused'; readonly errno: 'EACCES' | 'EPERM' | 'ENOTTY' | 'ENOSYS' | 'EINVAL' };

export type Request = RequestHeader & Question;

/** A file that the kernel has forgotten so many of the lookups of. */
export interface Forgotten {
  readonly node: number;
  readonly count: number;
}

/** What to read of an open file or folder. */
export interface Place {
  readonly handle: number;
  readonly offset: number;
  readonly size: number;
}

/** The bits of `valid` in a setattr that ask for another mode or owner. */
export const MODE_OR_OWNER = 0b111;

const HEADER_BYTES = 40;

type Decode = (body: Body) => Question;

const OPCODES: ReadonlyMap<number, Decode> = new Map<number, Decode>([
  [1, (body) => ({ op: 'lookup', name: body.name() })],
  [2, (body) => ({ op: 'forget', nodes: [{ node: body.node, count: body.u64(0) }] })],
  [3, () => ({ op: 'getattr' })],
  [4, (body) => ({ op: 'setattr', valid: body.u32(0) })],
  [5, () => ({ op: 'readlink' })],
  [14, (body) => ({ op: 'open', flags: body.u32(0) })],
  [15, (body) => ({ op: 'read', place: body.place() })],
  [16, (body) => ({ op: 'write', handle: body.u64(0), data: body.data() })],
  [17, () => ({ op: 'statfs' })],
  [18, (body) => ({ op: 'release', handle: body.u64(0) })],
  [26, (body) => ({ op: 'init', major: body.u32(0), minor: body.u32(4), flags: body.u32(12) })],
  [27, () => ({ op: 'opendir' })],
  [28, (body) => ({ op: 'readdir', place: body.place() })],
  [29, (body) => ({ op: 'releasedir', handle: body.u64(0) })],
  [38, () => ({ op: 'destroy' })],
  [42, (body) => ({ op: 'forget', nodes: body.forgotten() })],
  // sysfs makes no file for open(2), and has no mkdir, unlink, rename and the like (fs/kernfs/dir.c).
  ...[35].map(refusing('EACCES')),
  ...[6, 8, 9, 10, 11, 12, 13, 45].map(refusing('EPERM')),
  ...[39].map(refusing('ENOTTY')),
]);

function refusing(errno: 'EACCES' | 'EPERM' | 'ENOTTY') {
  return (opcode: number): [number, Decode] => [opcode, () => ({ op: 'refused', errno })];
}

/**
 * Reads a message of the kernel. What is too short for what it asks is refused with EINVAL, what is not known with ENOSYS.
 * Undefined: it has no complete header, so that there is nothing to reply to.
 */
export function decodeRequest(message: Buffer, order: ByteOrder): Request | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const header = new Body(message, order, 0);
  const node = header.u64(16);
  const known = OPCODES.get(header.u32(4));
  const start = { unique: header.whole(8), node, pid: header.u32(32) };
  try {
    const body = new Body(message.subarray(HEADER_BYTES), order, node);
    return { ...start, ...(known?.(body) ?? { op: 'refused', errno: 'ENOSYS' }) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // DataView's, for what is beyond the end
    return { ...start, op: 'refused', errno: 'EINVAL' };
  }
}

/** The fields of a message, by their places. Each throws a RangeError beyond the end. */
class Body {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly node: number;

  constructor(bytes: Buffer, order: ByteOrder, node: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittle = order === 'LE';
    this.node = node;
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }

  whole(at: number): bigint {
    return this.#view.getBigUint64(at, this.#isLittle);
  }

  /** Our own numbers, and places in files: what is too large for a number is none of them. */
  u64(at: number): number {
    return Number(this.whole(at));
  }

  /** A name of a folder; undefined when it is no UTF-8, as no name of ours is. */
  name(): string | undefined {
    const end = this.#bytes.indexOf(0);
    if (end < 0) throw new RangeError('no end of the name');
    const name = this.#bytes.subarray(0, end);
    return isUtf8(name) ? name.toString('utf8') : undefined;
  }

  place(): Place {
    return { handle: this.u64(0), offset: this.u64(8), size: this.u32(16) };
  }

  data(): Buffer {
    const size = this.u32(16);
    if (this.#bytes.length < 40 + size) throw new RangeError('less than it says');
    return Buffer.from(this.#bytes.subarray(40, 40 + size));
  }

  forgotten(): readonly Forgotten[] {
    const count = this.u32(0);
    if (this.#bytes.length < 8 + 16 * count) throw new RangeError('less than it says');
    return Array.from({ length: count }, (_, index) => {
      const at = 8 + 16 * index;
      return { node: this.u64(at), count: this.u64(at + 8) };
    });
  }
}
