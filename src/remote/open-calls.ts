import * as v from 'valibot';
import { EventQueue } from '../engine/events/event-queue.ts';
import type { Attachment } from '../engine/attach/attachment.ts';
import type { AttachedDevice } from '../engine/listed-device.ts';
import type { DeviceEvent, DeviceEvents } from '../engine/events/device-event.ts';
import type { HostMount } from '../engine/simulation-options.ts';
import type { EventOrigin } from '../host/host.ts';
import { protocolError } from './messages.ts';
import * as results from './results.ts';

/** On the client: what a call has opened on the server. */
interface OpenCall {
  readonly item: (value: unknown) => void;
  readonly end: (error?: Error) => void;
}

/** The open calls by their numbers. */
export class OpenCalls {
  readonly #calls = new Map<number, OpenCall>();

  add(number: number, call: OpenCall): void {
    this.#calls.set(number, call);
  }

  item(number: number, value: unknown): void {
    this.#calls.get(number)?.item(value);
  }

  end(number: number, error?: Error): void {
    this.#calls.get(number)?.end(error);
    this.#calls.delete(number);
  }

  /** An end of the connection is no error of this one any more. */
  expectEnd(number: number): void {
    const call = this.#calls.get(number);
    if (call !== undefined) this.#calls.set(number, { ...call, end: () => call.end() });
  }

  /** The connection has ended. */
  endAll(error?: Error): void {
    for (const number of this.#calls.keys()) this.end(number, error);
  }
}

type Stop = () => Promise<void>;

const itemShape = v.object({ event: results.event, source: results.source });
const isItem = (
  value: unknown,
): value is { readonly event: DeviceEvent; readonly source: EventOrigin } => v.is(itemShape, value);
const isSource = (value: unknown): value is EventOrigin => v.is(results.source, value);
const isAttached = (value: unknown): value is readonly AttachedDevice[] =>
  v.is(results.attached, value);

/** Events of a server. They are collected before it has answered that it listens. */
export class RemoteEvents {
  readonly #queue = new EventQueue<DeviceEvent>();
  #source: EventOrigin = 'poll';

  readonly call: OpenCall = {
    item: (value) => {
      if (!isItem(value)) throw protocolError('an event is none');
      this.#source = value.source;
      this.#queue.push(value.event);
    },
    end: (error) => this.#queue.end(error),
  };

  /** @param begun what the server answered */
  begin(begun: unknown, stop: Stop): DeviceEvents {
    if (!isSource(begun)) throw protocolError('the source of events is none');
    this.#source = begun;
    const queue = this.#queue;
    const source = (): EventOrigin => this.#source;
    return {
      get source() {
        return source();
      },
      [Symbol.asyncIterator]: () => ({
        next: () => queue.next(),
        return: async () => {
          queue.end();
          await stop();
          return { done: true, value: undefined };
        },
      }),
    };
  }
}

/** A mount of a server. It ends with the connection. */
export class RemoteMount {
  #end: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  readonly call: OpenCall = { item: () => undefined, end: () => this.#end() };

  begin(_: unknown, stop: Stop): HostMount {
    return { ended: this.#ended, unmount: stop, [Symbol.asyncDispose]: stop };
  }
}

/** Attached devices. Who waits for nothing of them hears of a lost connection by `detach`. */
export class RemoteAttachment {
  readonly call: OpenCall = { item: () => undefined, end: () => undefined };

  begin(begun: unknown, stop: Stop): Attachment {
    if (!isAttached(begun)) throw protocolError('an attachment is none');
    return { devices: begun, detach: stop, [Symbol.asyncDispose]: stop };
  }
}
