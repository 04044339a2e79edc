import { eventsLost } from '../wording/messages.ts';

/** At most so many events wait for their reader. */
export const QUEUE_LIMIT = 65_536;

/**
 * Passes events to one reader in order. When a slow reader falls too far behind, it gets the events up to the limit and
 * then an error: no event is left out silently.
 */
export class EventQueue<T extends object> implements AsyncIterator<T, undefined> {
  readonly #waiting: T[] = [];
  readonly #limit: number;
  /** Set when no more events come. */
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

  /** Ends the queue. The reader gets the error after the remaining events. */
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
