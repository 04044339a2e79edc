import { errnoName } from '../errno.ts';
import type { MappedMemory } from '../vfio/dma.ts';
import { VfioError } from '../vfio/error.ts';
import { COMMANDS, encodeRequest, ProtocolError, type ReplyMessage } from './messages.ts';

/** Address and count, of 64 bits each, before the data. */
const ACCESS_BYTES = 16;
/** The most of one message. Clients take 1 MiB; this keeps none of them busy for long. */
const MAX_BYTES = 1 << 16;
/** The most requests that a client has not answered. */
const MAX_WAITING = 256;

interface Waiting {
  readonly command: number;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: VfioError) => void;
}

/**
 * A client's memory, by messages (DMA_READ and DMA_WRITE of QEMU's docs/interop/vfio-user.rst), so that it needs no descriptors.
 *
 * Rejects with a VfioError: the errno of the client; EBUSY while it leaves too many requests unanswered; EIO for an answer of
 * another size; ENODEV once it has gone.
 */
export class ClientMemory implements MappedMemory {
  readonly #send: (request: Buffer) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isClosed = false;

  constructor(send: (request: Buffer) => void) {
    this.#send = send;
  }

  async read(iova: number, count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; done += MAX_BYTES) {
      const size = Math.min(MAX_BYTES, count - done);
      const reply = await this.#ask(COMMANDS.dmaRead, access(iova + done, size));
      if (reply.length !== ACCESS_BYTES + size) throw new VfioError('EIO', 'read: another size');
      bytes.set(reply.subarray(ACCESS_BYTES), done);
    }
    return bytes;
  }

  async write(iova: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; done += MAX_BYTES) {
      const part = bytes.subarray(done, done + MAX_BYTES);
      await this.#ask(COMMANDS.dmaWrite, Buffer.concat([access(iova + done, part.length), part]));
    }
  }

  /** @throws ProtocolError: nothing was asked that this could answer */
  take({ id, command, errno, body }: ReplyMessage): void {
    const waiting = this.#waiting.get(id);
    if (waiting?.command !== command) throw new ProtocolError('a reply to no request');
    this.#waiting.delete(id);
    if (errno === undefined) waiting.resolve(body);
    else waiting.reject(new VfioError(errnoName(errno), 'the VM refused an access of its memory'));
  }

  /** The client has gone. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
  }

  #ask(command: number, body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(gone());
      else if (this.#waiting.size >= MAX_WAITING) reject(new VfioError('EBUSY', 'guest memory'));
      else {
        do this.#lastId = (this.#lastId + 1) % 0x1_0000;
        while (this.#waiting.has(this.#lastId));
        this.#waiting.set(this.#lastId, { command, resolve, reject });
        this.#send(encodeRequest(this.#lastId, command, body));
      }
    });
  }
}

const gone = (): VfioError => new VfioError('ENODEV', 'the VM has gone');

function access(iova: number, count: number): Buffer {
  const bytes = Buffer.alloc(ACCESS_BYTES);
  bytes.writeBigUInt64LE(BigInt(iova), 0);
  bytes.writeBigUInt64LE(BigInt(count), 8);
  return bytes;
}
