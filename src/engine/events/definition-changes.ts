import { NodedevError } from '../../errors.ts';
import {
  type DefinitionRef,
  type DefinitionStore,
  formatDefinition,
  type StoredDefinition,
} from '../definitions/definitions.ts';

/** When a file is no valid definition for so many milliseconds, its device counts as undefined. */
const SETTLE = 100;

export interface DefinitionChange {
  readonly ref: DefinitionRef;
  readonly change: 'defined' | 'undefined' | 'updated';
}

/**
 * Finds the changed definitions by comparing them with their former content, because a watch reports too often and not
 * always which file. mdevctl empties a file before it writes it again: a file that is no valid definition is taken for one
 * that is being written, unless it stays so.
 */
export class DefinitionChanges {
  readonly #definitions: DefinitionStore;
  readonly #listener: (change: DefinitionChange) => void;
  /** The last valid content of each definition, by key. */
  readonly #known = new Map<string, { readonly ref: DefinitionRef; readonly text: string }>();
  /** Since when a file is no valid definition, by key. */
  readonly #broken = new Map<string, number>();

  constructor(definitions: DefinitionStore, listener: (change: DefinitionChange) => void) {
    this.#definitions = definitions;
    this.#listener = listener;
    for (const { parent, uuid, definition } of definitions.list().items) {
      const ref = { parent, uuid };
      this.#known.set(keyOf(ref), { ref, text: formatDefinition(definition) });
    }
  }

  /** Follows the store until `signal` is aborted. `failed` is called with unexpected errors. */
  follow(failed: (error: unknown) => void, signal: AbortSignal): void {
    let timer: NodeJS.Timeout | undefined;
    const look = (ref?: DefinitionRef): void => {
      if (signal.aborted) return;
      try {
        if (ref === undefined) this.#lookAtAll();
        else this.#lookAt(ref);
      } catch (error) {
        failed(error);
      }
    };
    // A watch misses some changes, and a file that is being written must be read again.
    const lookAgain = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        look();
        if (this.#broken.size > 0 && !signal.aborted) lookAgain();
      }, SETTLE);
    };
    this.#definitions.watch((ref) => {
      look(ref);
      lookAgain();
    }, signal);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    look(); // what changed before the watch was set
  }

  #lookAtAll(): void {
    const { items } = this.#definitions.list();
    for (const stored of items) this.#found(stored);
    const found = new Set(items.map(keyOf));
    for (const [key, { ref }] of this.#known) {
      if (!found.has(key)) this.#lookAt(ref);
    }
  }

  #lookAt({ parent, uuid }: DefinitionRef): void {
    const ref = { parent, uuid };
    try {
      const stored = this.#definitions.read(ref);
      if (stored === undefined) this.#gone(ref);
      else this.#found(stored);
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      this.#unreadable(ref);
    }
  }

  #found({ parent, uuid, definition }: StoredDefinition): void {
    const ref = { parent, uuid };
    const key = keyOf(ref);
    const text = formatDefinition(definition); // a change of white space is not a change of the definition
    const known = this.#known.get(key);
    this.#broken.delete(key);
    if (known?.text === text) return;
    this.#known.set(key, { ref, text });
    this.#listener({ ref, change: known === undefined ? 'defined' : 'updated' });
  }

  #gone(ref: DefinitionRef): void {
    this.#broken.delete(keyOf(ref));
    if (this.#known.delete(keyOf(ref))) this.#listener({ ref, change: 'undefined' });
  }

  #unreadable(ref: DefinitionRef): void {
    const key = keyOf(ref);
    if (!this.#known.has(key)) return;
    const since = this.#broken.get(key) ?? performance.now();
    this.#broken.set(key, since);
    if (performance.now() - since >= SETTLE) this.#gone(ref);
  }
}

const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;
