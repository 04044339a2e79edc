import type { Attachment } from '../engine/attach/attachment.ts';
import type { DeviceEvents } from '../engine/events/device-event.ts';
import type { HostMount } from '../engine/simulation-options.ts';
import { failureOf } from './lines.ts';
import { type Json, toJson } from './values.ts';

/** On the server: what a call has opened, until it is stopped. */
export interface Opened {
  /** What the client is told of it at once. */
  readonly begin: Json;
  readonly stop: () => Promise<void>;
}

export interface Tell {
  /** Resolves when it is written: a slow client makes the events wait where their number is limited. */
  readonly item: (value: Json) => Promise<void>;
  readonly ended: (error?: Json) => void;
}

/**
 * Follows what a method returned.
 *
 * @param controller its signal was among the arguments of `events`
 */
export function openedBy(
  way: 'events' | 'mount' | 'attach',
  result: unknown,
  controller: AbortController,
  tell: Tell,
): Opened {
  if (way === 'events' && isEvents(result)) {
    const over = follow(result, tell);
    const stop = async (): Promise<void> => {
      controller.abort();
      await over;
    };
    return { begin: result.source, stop };
  }
  if (way === 'mount' && isMount(result)) {
    void result.ended.then(
      () => tell.ended(),
      (error: unknown) => tell.ended(failureOf(error).data),
    );
    return { begin: toJson(undefined), stop: () => result.unmount() };
  }
  if (way === 'attach' && isAttachment(result)) {
    return { begin: toJson(result.devices), stop: () => result.detach() };
  }
  throw new TypeError(`no such result of a method: ${way}`);
}

async function follow(events: DeviceEvents, tell: Tell): Promise<void> {
  try {
    for await (const event of events) await tell.item(toJson({ event, source: events.source }));
    tell.ended();
  } catch (error) {
    tell.ended(failureOf(error).data);
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isEvents = (value: unknown): value is DeviceEvents =>
  isObject(value) && Symbol.asyncIterator in value;
const isMount = (value: unknown): value is HostMount => isObject(value) && 'unmount' in value;
const isAttachment = (value: unknown): value is Attachment => isObject(value) && 'detach' in value;
