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

/** Version 0.0, without capabilities. */
export const VERSION = request(1, words(0));

/** A client of a socket, as QEMU is one. */
export class TestClient {
  readonly socket: Socket;
  /** Settles when the server has ended the connection. */
  readonly ended: Promise<void>;

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

  /** Sends a request, and waits for one whole reply. */
  async ask(bytes: Buffer): Promise<Buffer> {
    this.socket.write(bytes);
    let reply = Buffer.alloc(0);
    while (reply.length < HEADER_BYTES || reply.length < reply.readUInt32LE(4)) {
      const part: unknown = this.socket.read();
      if (Buffer.isBuffer(part)) reply = Buffer.concat([reply, part]);
      else if (this.socket.destroyed) throw new Error('the connection has ended');
      else await Promise.race([once(this.socket, 'readable'), this.ended]);
    }
    return reply;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.ended;
  }
}
