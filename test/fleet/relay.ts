import { connect, createServer, type Server, type Socket } from 'node:net';

/** A link of TCP that can be cut: as with a cable that is pulled, nothing arrives any more, and nobody is told. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(target: number, address: string) {
    this.#server = createServer((near) => {
      const far = connect(target, address);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('data', (bytes) => {
          // What a cut cable loses, TCP sends again: here the connection is dead instead.
          if (this.#isCut) return;
          other.write(bytes);
        });
        one
          .on('error', () => undefined)
          .on('close', () => {
            this.#sockets.delete(one);
            if (!this.#isCut) other.destroy();
          });
      }
    });
  }

  static async start(target: number, port = 0, address = '127.0.0.1'): Promise<Relay> {
    const relay = new Relay(target, address);
    await new Promise<void>((resolve, reject) => {
      relay.#server.on('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** The link is there again; connections of before are not. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.mend();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
