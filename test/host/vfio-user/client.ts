import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { HEADER_BYTES } from '../../../src/host/vfio-user/messages.ts';

/** A request with no body but these words. */
export function request(command: number, body: Buffer, flags = 0): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(7, 0);
  header.writeUInt16LE(command, 2);
  header.writeUInt32LE(HEADER_BYTES + body.length, 4);
  header.writeUInt32LE(flags, 8);
  return Buffer.concat([header, body]);
}

export const words = (...values: readonly number[]): Buffer => {
  const body = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) body.writeUInt32LE(value, index * 4);
  return body;
};

/** The client's answer to a request. */
export function answer(asked: Buffer, body: Buffer, errno = 0): Buffer {
  const reply = request(asked.readUInt16LE(2), body, errno === 0 ? 1 : 0x21);
  reply.writeUInt16LE(asked.readUInt16LE(0), 0);
  reply.writeUInt32LE(errno, 12);
  return reply;
}

/** Version 0.0, without capabilities. */
export const VERSION = request(1, words(0));

/** A client of a socket, as QEMU is one. */
export class TestClient {
  readonly socket: Socket;
  /** Settles when the server has ended the connection. */
  readonly ended: Promise<void>;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
  }

  static async connect(path: string): Promise<TestClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  /** Sends a request, and waits for one whole message: its reply. */
  ask(bytes: Buffer): Promise<Buffer> {
    this.socket.write(bytes);
    return this.next();
  }

  /** The next whole message. */
  async next(): Promise<Buffer> {
    while (!this.#isWhole()) {
      const part: unknown = this.socket.read();
      if (Buffer.isBuffer(part)) this.#received = Buffer.concat([this.#received, part]);
      else if (this.socket.destroyed) throw new Error('the connection has ended');
      else await Promise.race([once(this.socket, 'readable'), this.ended]);
    }
    const size = this.#received.readUInt32LE(4);
    const message = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return message;
  }

  #isWhole(): boolean {
    const { length } = this.#received;
    return length >= HEADER_BYTES && length >= this.#received.readUInt32LE(4);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.ended;
  }
}
