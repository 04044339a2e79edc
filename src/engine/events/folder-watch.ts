import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { watchPath } from '../../host/watch-path.ts';

/** Where something may have changed: the name of a file, and of the folder below the watched one it is in. */
export interface ChangedEntry {
  readonly folder: string | undefined;
  readonly file: string;
}

/**
 * Watches a folder below a root, and with `deep` the folders in it, which all may come and go. The kernel watches
 * directories one by one, so each folder's watch is kept by what its parent's tells.
 *
 * @param changed called with the entry where one is known, else with nothing: anything may have changed. It may be
 *   called too often.
 */
export function watchFolder(
  root: string,
  parts: readonly string[],
  deep: boolean,
  changed: (entry: ChangedEntry | undefined) => void,
  signal: AbortSignal,
): void {
  new FolderWatch(root, parts, deep, changed, signal).arm();
}

class FolderWatch {
  readonly #chain: readonly string[];
  readonly #deep: boolean;
  readonly #changed: (entry: ChangedEntry | undefined) => void;
  readonly #signal: AbortSignal;
  /** What is watched, each with what ends its watch. */
  readonly #watches = new Map<string, AbortController>();

  constructor(
    root: string,
    parts: readonly string[],
    deep: boolean,
    changed: (entry: ChangedEntry | undefined) => void,
    signal: AbortSignal,
  ) {
    this.#chain = [root, ...parts.map((_, index) => join(root, ...parts.slice(0, index + 1)))];
    this.#deep = deep;
    this.#changed = changed;
    this.#signal = signal;
    const end = (): void => {
      for (const watch of this.#watches.values()) watch.abort();
    };
    signal.addEventListener('abort', end, { once: true });
  }

  get #folder(): string {
    return this.#chain.at(-1) ?? '';
  }

  /** Watches what is there and not watched yet. */
  arm(): void {
    for (const [index, path] of this.#chain.slice(0, -1).entries()) {
      const below = this.#chain[index + 1] ?? '';
      this.#watch(path, (name) => {
        if (name === undefined || join(path, name) === below) this.#rearm(below);
      });
    }
    this.#watch(this.#folder, (name) => {
      if (name === undefined) this.#rearm(this.#folder);
      else if (this.#deep && this.#isFolder(name)) this.#rearm(join(this.#folder, name));
      else this.#changed({ folder: undefined, file: name });
    });
    if (this.#deep) {
      for (const name of foldersIn(this.#folder)) {
        this.#watch(join(this.#folder, name), (file) =>
          this.#changed(file === undefined ? undefined : { folder: name, file }),
        );
      }
    }
  }

  /** A folder has come, gone, or been replaced: its watch, and those below it, may be of one that is no more. */
  #rearm(path: string): void {
    for (const [watched, watch] of this.#watches) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watch.abort();
      this.#watches.delete(watched);
    }
    this.arm();
    this.#changed(undefined);
  }

  /** Is one, or was when it was last seen. */
  #isFolder(name: string): boolean {
    return this.#watches.has(join(this.#folder, name)) || foldersIn(this.#folder).includes(name);
  }

  #watch(path: string, changed: (name: string | undefined) => void): void {
    if (this.#signal.aborted || this.#watches.has(path) || !existsSync(path)) return;
    const end = new AbortController();
    this.#watches.set(path, end);
    watchPath(path, changed, end.signal);
  }
}

/** None when there is nothing, or nothing this user may see. */
function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
