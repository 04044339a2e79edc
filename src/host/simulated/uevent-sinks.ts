import type { DiskTree } from '../disk-tree.ts';
import type { HostEvent } from '../host.ts';
import { parseUevent, type Uevent, UeventReader } from '../uevent.ts';
import { watchPath } from '../watch-path.ts';
import { UEVENT_SEQNUM, UEVENTS } from './paths.ts';
import { formatUevent } from './uevents.ts';

/** Receives a simulated host's uevents, and passes them to listeners. */
export interface UeventSink {
  /** Emits events. `events` is called only when there are listeners. */
  emit(events: () => readonly Uevent[]): void;
  /** Calls `listener` for each event from now on, until `signal` is aborted; never from inside an `emit`. */
  follow(listener: (event: HostEvent) => void, signal: AbortSignal): void;
}

/** For a host in memory: no other process can listen, so nothing is stored. */
export class UeventBus implements UeventSink {
  readonly #now: () => number;
  readonly #followers = new Set<(uevents: readonly Uevent[], time: number) => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  emit(events: () => readonly Uevent[]): void {
    if (this.#followers.size === 0) return;
    const uevents = events();
    const time = this.#now();
    for (const follower of this.#followers) follower(uevents, time);
  }

  follow(listener: (event: HostEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const reader = new UeventReader();
    const follower = (uevents: readonly Uevent[], time: number): void => {
      for (const uevent of uevents) {
        const event = reader.read(uevent, time);
        if (event === undefined) continue;
        queueMicrotask(() => {
          if (!signal.aborted) listener(event);
        });
      }
    };
    this.#followers.add(follower);
    signal.addEventListener('abort', () => this.#followers.delete(follower), { once: true });
  }
}

/** For a host on disk: a log that every process can follow. */
export class UeventLog implements UeventSink {
  readonly #tree: DiskTree;
  readonly #now: () => number;

  constructor(tree: DiskTree, now: () => number) {
    this.#tree = tree;
    this.#now = now;
  }

  emit(events: () => readonly Uevent[]): void {
    const uevents = events();
    const last = Number(this.#tree.read(UEVENT_SEQNUM));
    const time = this.#now();
    const records = uevents.map((uevent, index) => formatUevent(uevent, last + 1 + index, time));
    this.#tree.append(UEVENTS, records.join(''));
    this.#tree.replace(UEVENT_SEQNUM, `${last + uevents.length}\n`);
  }

  follow(listener: (event: HostEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const reader = new UeventReader();
    let offset = this.#tree.size(UEVENTS);
    let rest = '';
    const readOn = (): void => {
      const bytes = this.#tree.readFrom(UEVENTS, offset);
      offset += bytes.length;
      const records = (rest + bytes.toString('utf8')).split('\n\n');
      rest = records.pop() ?? '';
      for (const record of records) {
        const uevent = parseUevent(record);
        const event = uevent && reader.read(uevent, uevent.time);
        if (event !== undefined && !signal.aborted) listener(event);
      }
    };
    watchPath(`${this.#tree.root}${UEVENTS}`, readOn, signal);
    // The watch does not report events that were written before it was set.
    setImmediate(readOn);
  }
}
