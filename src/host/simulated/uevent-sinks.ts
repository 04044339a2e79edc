import type { DiskTree } from '../disk-tree.ts';
import type { OpenFile } from '../open-file.ts';
import type { HostEvent } from '../host.ts';
import { parseUevent, type Uevent, UeventReader } from '../uevent.ts';
import { baseName, directoryName } from '../tree.ts';
import { watchPath } from '../watch-path.ts';
import { UEVENT_SEQNUM, UEVENTS } from './paths.ts';
import { formatUevent } from './uevents.ts';

/** Receives a simulated host's uevents, and passes them to listeners. */
export interface UeventSink {
  /** Emits events. `events` is called only when there are listeners. */
  emit(events: () => readonly Uevent[]): void;
  /** Calls `listener` for each event from now on, until `signal` is aborted; never from inside an `emit`. */
  follow(listener: (event: HostEvent) => void, signal: AbortSignal): void;
  /** Forgets what was emitted; listeners still hear it. */
  clear(): void;
  /** Where the next events will stand. */
  position(): number;
  /** The complete events that are stored from a position on. */
  since(position: number): readonly Uevent[];
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

  /** Nothing is kept. */
  clear(): void {}

  position(): number {
    return 0;
  }

  since(): readonly Uevent[] {
    return [];
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

/** The log begins anew when it has more bytes: some 2,000 changes. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Bytes in which the last lines of a record are. */
const LONGEST_END = 100;

/** What followers in this process have not read yet, by the log's file: they read it before the log begins anew. */
const FOLLOWERS = new Map<string, Set<LogFollower>>();

/** For a host on disk: a log that every process can follow. */
export class UeventLog implements UeventSink {
  readonly #tree: DiskTree;
  readonly #now: () => number;
  readonly #mostBytes: number;

  constructor(tree: DiskTree, now: () => number, mostBytes = MOST_BYTES) {
    this.#tree = tree;
    this.#now = now;
    this.#mostBytes = mostBytes;
  }

  emit(events: () => readonly Uevent[]): void {
    const uevents = events();
    const { text } = this.#end();
    // An interrupted change may have written to the log and not the number.
    const written = /\nSEQNUM=(\d+)\nTIME=\d+\n\n$/u.exec(text)?.[1];
    const last = Math.max(Number(this.#tree.read(UEVENT_SEQNUM)), Number(written ?? 0));
    const time = this.#now();
    const records = uevents.map((uevent, index) => formatUevent(uevent, last + 1 + index, time));
    this.#tree.append(UEVENTS, records.join(''));
    this.#tree.replace(UEVENT_SEQNUM, `${last + uevents.length}\n`);
  }

  position(): number {
    return this.#end().size;
  }

  since(position: number): readonly Uevent[] {
    const { size } = this.#tree.tail(UEVENTS, 0);
    const { text } = this.#tree.tail(UEVENTS, Math.max(0, size - position));
    return text
      .split('\n\n')
      .slice(0, -1)
      .flatMap((record) => parseUevent(record) ?? []);
  }

  /** The log's size and its last record. It begins anew when it is long, or its last record was cut. */
  #end(): { readonly size: number; readonly text: string } {
    const end = this.#tree.tail(UEVENTS, LONGEST_END);
    const isCut = end.size > 0 && !end.text.endsWith('\n\n');
    if (end.size <= this.#mostBytes && !isCut) return end;
    this.clear();
    return { size: 0, text: end.text };
  }

  /** A new file takes the log's place. Who follows the old one has it open, and reads that to its end first. */
  clear(): void {
    for (const follower of FOLLOWERS.get(this.#file) ?? []) follower.readLater();
    this.#tree.replace(UEVENTS, '');
  }

  follow(listener: (event: HostEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    const follower = new LogFollower(this.#tree, listener, signal);
    const others = FOLLOWERS.get(this.#file) ?? new Set();
    FOLLOWERS.set(this.#file, others.add(follower));
    signal.addEventListener(
      'abort',
      () => {
        others.delete(follower);
        follower.close();
      },
      { once: true },
    );
    const name = baseName(UEVENTS);
    const changed = (entry: string | undefined): void => {
      if (entry === undefined || entry === name) follower.readOn();
    };
    watchPath(directoryName(this.#file), changed, signal);
    // The watch does not report events that were written before it was set.
    setImmediate(() => follower.readOn());
  }

  get #file(): string {
    return `${this.#tree.root}${UEVENTS}`;
  }
}

/** Reads the log from where it ends now, through all files that take its place. */
class LogFollower {
  readonly #tree: DiskTree;
  readonly #listener: (event: HostEvent) => void;
  readonly #signal: AbortSignal;
  readonly #reader = new UeventReader();
  readonly #unheard: HostEvent[] = [];
  #log: OpenFile | undefined;
  #rest = '';

  constructor(tree: DiskTree, listener: (event: HostEvent) => void, signal: AbortSignal) {
    this.#tree = tree;
    this.#listener = listener;
    this.#signal = signal;
    this.#log = tree.open(UEVENTS);
    this.#log.skip();
  }

  /** Calls the listener for all that is new. */
  readOn(): void {
    this.#read();
    for (const event of this.#unheard.splice(0)) {
      if (!this.#signal.aborted) this.#listener(event);
    }
  }

  /** Reads all that is new; the listener is called later. */
  readLater(): void {
    this.#read();
    setImmediate(() => this.readOn());
  }

  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }

  #read(): void {
    while (this.#log !== undefined) {
      // Asked before the rest is read: nothing is added to a file that is not the log any more.
      const isCurrent = this.#log.inode === this.#tree.inode(UEVENTS);
      this.#parse(this.#log.readOn());
      if (isCurrent) return;
      this.#log.close();
      this.#log = this.#tree.open(UEVENTS);
      this.#rest = '';
    }
  }

  #parse(bytes: Buffer): void {
    const records = (this.#rest + bytes.toString('utf8')).split('\n\n');
    this.#rest = records.pop() ?? '';
    for (const record of records) {
      const uevent = parseUevent(record);
      const event = uevent && this.#reader.read(uevent, uevent.time);
      if (event !== undefined) this.#unheard.push(event);
    }
  }
}
