import { chmodSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';
import { inTurn, type NativeCalls, type PollHandle } from './native-calls.ts';
import { Conversation, type ServedSocket, type Service } from './serving.ts';
import type { Reply } from './session.ts';

/** How often in a row something is received before this program does other things. */
const IN_A_ROW = 256;

/**
 * Serves a socket whose clients send eventfds, and are given the memory of regions.
 *
 * @param calls of this socket alone: what is received stands in them
 */
export function serveNative(calls: NativeCalls, path: string, service: Service): ServedSocket {
  const listener = calls.listen(path);
  chmodSync(path, 0o600);
  let client: NativeClient | undefined;
  const accepting = calls.watch(listener, () => {
    const fd = calls.accept(listener);
    if (fd === undefined) return;
    if (client === undefined) {
      const own = new NativeClient(calls, fd);
      client = own;
      own.ended = own.converse(service).finally(() => {
        client = undefined;
      });
    } else calls.close(fd);
  });
  return {
    async close() {
      accepting.close();
      calls.close(listener);
      client?.stop();
      await client?.ended;
    },
  };
}

class NativeClient {
  readonly #calls: NativeCalls;
  readonly #fd: number;
  #handle: PollHandle | undefined;
  #wake: (() => void) | undefined;
  readonly #stop = new AbortController();
  ended: Promise<void> = Promise.resolve();

  constructor(calls: NativeCalls, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  stop(): void {
    this.#stop.abort();
    this.#wake?.();
  }

  async converse(service: Service): Promise<void> {
    try {
      const { device, fileOf, gone } = await service.admit(this.#calls.peerOf(this.#fd));
      const conversation = new Conversation(device, fileOf, () => this.#wake?.());
      try {
        await this.#answerAll(conversation);
      } finally {
        conversation.close();
        await gone();
      }
    } catch (error) {
      service.report(error);
    } finally {
      this.#handle?.close();
      this.#calls.close(this.#fd);
    }
  }

  async #answerAll(conversation: Conversation): Promise<void> {
    for (let turn = 1; !this.#stop.signal.aborted; turn += 1) {
      if (turn % IN_A_ROW === 0) await otherWork();
      if (!(await this.#sendAll(conversation.requests()))) return;
      const received = this.#calls.receive(this.#fd);
      if (received === undefined) {
        await this.#ready({ readable: true });
        continue;
      }
      if (received.bytes.length === 0) return;
      const replies = conversation.replies(received.bytes, received.descriptors);
      if (!(await this.#sendAll(replies))) return;
    }
  }

  async #sendAll(replies: Iterable<Reply>): Promise<boolean> {
    for (const reply of replies) {
      const rest = this.#send(reply);
      if (rest !== undefined && !(await rest)) return false;
    }
    return true;
  }

  /** Who does not take replies is asked nothing more. The descriptor goes with the first byte. */
  #send({ bytes, descriptor }: Reply): Promise<boolean> | undefined {
    const sent = this.#calls.send(this.#fd, bytes, descriptor);
    return sent === bytes.length ? undefined : this.#sendRest(bytes, sent, descriptor);
  }

  /** @returns false: it was stopped before */
  async #sendRest(bytes: Buffer, first: number, descriptor: number | undefined): Promise<boolean> {
    for (let sent = first; sent < bytes.length; ) {
      await this.#ready({ writable: true });
      if (this.#stop.signal.aborted) return false;
      const own = sent === 0 ? descriptor : undefined;
      sent += this.#calls.send(this.#fd, bytes.subarray(sent), own);
    }
    return true;
  }

  #ready(events: { readonly readable?: true; readonly writable?: true }): Promise<void> {
    return new Promise((resolve) => {
      let isAwake = false;
      const wake = (): void => {
        if (isAwake) return;
        isAwake = true;
        this.#handle?.stop();
        resolve();
      };
      this.#wake = wake;
      if (this.#stop.signal.aborted) resolve();
      else if (this.#handle === undefined) this.#handle = this.#calls.watch(this.#fd, wake, events);
      else this.#handle.start(events, inTurn(wake));
    });
  }
}
