import { existsSync } from 'node:fs';
import { readFolder } from '../../bounded-read.ts';
import { join } from 'node:path';
import { watchPath } from '../../host/watch-path.ts';

/** A file that may have changed: its name, and that of its folder below the watched one. */
export interface ChangedEntry {
  readonly folder: string | undefined;
  readonly file: string;
}

/**
 * Watches a folder below a root, and with `deep` the folders in it. All of them may be created and removed. The kernel
 * watches single directories, so the watch of a folder is started and ended by the events of its parent.
 *
 * @param changed called with the entry where one is known, else with nothing: anything may have changed. It may be
 *   called without a change.
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
  /** The watched paths, each with the controller that ends its watch. */
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

  /** Starts the watches of folders that exist and are not watched yet. */
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

  /** Starts the watches of a folder again after it was created, removed or replaced. */
  #rearm(path: string): void {
    for (const [watched, watch] of this.#watches) {
      if (watched !== path && !watched.startsWith(`${path}/`)) continue;
      watch.abort();
      this.#watches.delete(watched);
    }
    this.arm();
    this.#changed(undefined);
  }

  /** Whether it is a folder now, or was one when it was last seen. */
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

/** The folders in a directory; none when it does not exist or this user must not read it. */
function foldersIn(path: string): readonly string[] {
  try {
    return readFolder(path)
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
