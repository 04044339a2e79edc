import { ClientMemory } from './client-memory.ts';
import { Frames } from './frames.ts';
import { decodeMessage } from './messages.ts';
import { type Descriptor, type Reply, Session } from './session.ts';
import type { VfioDevice } from '../vfio/device.ts';

/** A client that was let in. */
export interface Client {
  readonly device: VfioDevice;
  /** The file of a region's memory. */
  readonly fileOf: (region: number) => number | undefined;
  /** Called once, when it has gone. */
  readonly gone: () => Promise<void>;
}

/** How a socket is served. One client at a time: a device opens once. */
export interface Service {
  /**
   * Lets a client in.
   *
   * @param peer its process, where that can be asked for
   * @throws when it is not: it is disconnected, and `report` hears why
   */
  admit(peer: number | undefined): Promise<Client>;
  report(error: unknown): void;
}

/** A socket that is served. */
export interface ServedSocket {
  /** Disconnects the client and stops listening; resolved when the client's device is closed. */
  close(): Promise<void>;
}

/** The replies to what a client sends, one after the other, so that each is sent before the next request is looked at. */
export class Conversation {
  readonly #session: Session;
  readonly #memory: ClientMemory;
  /** What the client has not been asked yet. */
  readonly #requests: Reply[] = [];
  #isReplying = false;
  readonly #frames = new Frames();
  #descriptors: readonly Descriptor[] = [];

  /**
   * @param fileOf the descriptors of regions' memory, if they can be sent
   * @param wake is called when there are {@link requests} and {@link replies} is not run
   */
  constructor(
    device: VfioDevice,
    fileOf: Client['fileOf'] = () => undefined,
    wake: () => void = () => undefined,
  ) {
    this.#memory = new ClientMemory((bytes) => {
      this.#requests.push({ bytes });
      if (!this.#isReplying) wake();
    });
    this.#session = new Session(device, fileOf, this.#memory);
  }

  /**
   * @param descriptors that came with these bytes: those of their last message, since a read ends after a message with descriptors
   * @throws ProtocolError
   */
  *replies(bytes: Buffer, descriptors: readonly Descriptor[] = []): Generator<Reply> {
    if (descriptors.length > 0) this.#keep(descriptors);
    this.#isReplying = true;
    try {
      for (const frame of this.#frames.take(bytes)) {
        const message = decodeMessage(frame);
        const isLast = this.#frames.rest === 0;
        if ('wantsReply' in message) {
          const reply = this.#session.answer(message, isLast ? this.#taken() : []);
          if (reply !== undefined) yield reply;
        } else this.#memory.take(message);
        yield* this.requests();
      }
    } finally {
      this.#isReplying = false;
    }
  }

  /** What the device asks the client, once. */
  requests(): readonly Reply[] {
    return this.#requests.splice(0);
  }

  /** Forgets the client. */
  close(): void {
    this.#keep([]);
    this.#memory.close();
    this.#session.close();
  }

  #taken(): readonly Descriptor[] {
    const taken = this.#descriptors;
    this.#descriptors = [];
    return taken;
  }

  #keep(descriptors: readonly Descriptor[]): void {
    for (const each of this.#taken()) each.close();
    this.#descriptors = descriptors;
  }
}
