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
  readonly #frames = new Frames();
  #descriptors: readonly Descriptor[] = [];

  /** @param fileOf the descriptors of regions' memory, if they can be sent */
  constructor(device: VfioDevice, fileOf: Client['fileOf'] = () => undefined) {
    this.#session = new Session(device, fileOf);
  }

  /**
   * @param descriptors that came with these bytes: those of their last message, since a read ends after a message with descriptors
   * @throws ProtocolError
   */
  *replies(bytes: Buffer, descriptors: readonly Descriptor[] = []): Generator<Reply> {
    if (descriptors.length > 0) this.#keep(descriptors);
    for (const frame of this.#frames.take(bytes)) {
      const isLast = this.#frames.rest === 0;
      const reply = this.#session.answer(decodeMessage(frame), isLast ? this.#taken() : []);
      if (reply !== undefined) yield reply;
    }
  }

  /** Forgets the client. */
  close(): void {
    this.#keep([]);
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
