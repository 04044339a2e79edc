import { eventsLost } from '../wording/messages.ts';

/** How many events wait for their reader at most. */
export const QUEUE_LIMIT = 65_536;

/**
 * Hands events from whoever tells of them to one reader, in order, however slow it is, up to a limit: then it gives
 * what it has, and fails instead of leaving something out silently.
 */
export class EventQueue<T extends object> implements AsyncIterator<T, undefined> {
  readonly #waiting: T[] = [];
  readonly #limit: number;
  /** Set when no more come. */
  #end: { readonly error?: Error | undefined } | undefined;
  #readers: (() => void)[] = [];

  constructor(limit = QUEUE_LIMIT) {
    this.#limit = limit;
  }

  push(event: T): void {
    if (this.#end !== undefined) return;
    if (this.#waiting.length < this.#limit) this.#waiting.push(event);
    else this.#end = { error: eventsLost(this.#limit) };
    this.#wake();
  }

  /** No more will come; with an error, the reader gets it after the events. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const [event] = this.#waiting.splice(0, 1);
      if (event !== undefined) return { done: false, value: event };
      if (this.#end !== undefined) {
        const { error } = this.#end;
        this.#end = {};
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  #wake(): void {
    const readers = this.#readers;
    this.#readers = [];
    for (const wake of readers) wake();
  }
}
