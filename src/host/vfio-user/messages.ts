/**
 * The messages of vfio-user, as QEMU's docs/interop/vfio-user.rst has them. All numbers are little endian: the
 * specification says the host's byte order, and every host that QEMU's client is built for has that one.
 */

export const HEADER_BYTES = 16;

/** The most data of one read or write; the specification's default of `max_data_xfer_size`. */
export const MAX_DATA_BYTES = 1 << 20;

/** The longest message: a write of that much data, whose header has 16 bytes after the common one. */
export const MAX_MESSAGE_BYTES = HEADER_BYTES + 16 + MAX_DATA_BYTES;

/** The most descriptors of one message that are taken. */
export const MAX_DESCRIPTORS = 8;

/** The commands that a client sends. */
export const COMMANDS = {
  version: 1,
  dmaMap: 2,
  dmaUnmap: 3,
  getInfo: 4,
  getRegionInfo: 5,
  getIrqInfo: 7,
  setIrqs: 8,
  regionRead: 9,
  regionWrite: 10,
  reset: 13,
} as const;

const TYPE_MASK = 0xf;
const IS_REPLY = 1;
const NO_REPLY = 0x10;
const HAS_ERROR = 0x20;

/** A request of a client. */
export interface Message {
  /** The client's own number, which the reply repeats. */
  readonly id: number;
  readonly command: number;
  readonly wantsReply: boolean;
  /** What follows the header. */
  readonly body: Buffer;
}

/** Why a connection cannot go on: what follows in it cannot be told apart any more. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The size of the message that begins with these 16 bytes. @throws ProtocolError */
export function messageSize(first: Buffer): number {
  const size = first.readUInt32LE(4);
  if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES) {
    throw new ProtocolError(`a message of ${size} bytes`);
  }
  return size;
}

/** A whole message. @throws ProtocolError for one that is no request: nothing is asked of a client */
export function decodeMessage(bytes: Buffer): Message {
  const flags = bytes.readUInt32LE(8);
  if ((flags & TYPE_MASK) !== 0) throw new ProtocolError('a reply to no request');
  return {
    id: bytes.readUInt16LE(0),
    command: bytes.readUInt16LE(2),
    wantsReply: (flags & NO_REPLY) === 0,
    body: bytes.subarray(HEADER_BYTES),
  };
}

/** A reply with this body. */
export const encodeReply = (to: Message, body: Buffer): Buffer =>
  Buffer.concat([header(to, HEADER_BYTES + body.length, IS_REPLY, 0), body]);

/** A reply that says an errno. It has no body. */
export const encodeError = (to: Message, errno: number): Buffer =>
  header(to, HEADER_BYTES, IS_REPLY | HAS_ERROR, errno);

function header({ id, command }: Message, size: number, flags: number, errno: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt16LE(command, 2);
  bytes.writeUInt32LE(size, 4);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeUInt32LE(errno, 12);
  return bytes;
}
