import { isLargerThan } from '../utf8-size.ts';
import { HostError } from './host.ts';

/** What stands at a path, as `lstat` says; `other` is a device node, socket or pipe. */
export type EntryKind = 'directory' | 'file' | 'link' | 'other';

export interface FileBranch {
  readonly kind: 'file';
  /** Octal permissions. */
  readonly mode: number;
  readonly text: string;
}

export interface LinkBranch {
  readonly kind: 'link';
  /** As written: relative or absolute. */
  readonly target: string;
}

export interface DirectoryBranch {
  readonly kind: 'directory';
  readonly entries: ReadonlyMap<string, Branch>;
}

/** A part of a file tree as data, so that a whole device is planted at once. Shared branches are never changed. */
export type Branch = FileBranch | LinkBranch | DirectoryBranch;

export function file(text: string, mode = 0o444): FileBranch {
  return { kind: 'file', mode, text };
}

/** A file whose text is made when somebody reads it, as sysfs does; in a tree on disk it stays as it was planted. */
export class ComputedFile implements FileBranch {
  readonly kind = 'file';
  readonly mode = 0o444;
  readonly #compute: () => string;

  constructor(compute: () => string) {
    this.#compute = compute;
  }

  get text(): string {
    return this.#compute();
  }
}

export function link(target: string): LinkBranch {
  return { kind: 'link', target };
}

export function directory(entries: readonly (readonly [string, Branch])[] = []): DirectoryBranch {
  return { kind: 'directory', entries: new Map(entries) };
}

/** A directory whose entries are made when somebody looks into it. */
export class LazyDirectory implements DirectoryBranch {
  readonly kind = 'directory';
  readonly #make: () => Iterable<readonly [string, Branch]>;
  #entries: ReadonlyMap<string, Branch> | undefined;

  constructor(make: () => Iterable<readonly [string, Branch]>) {
    this.#make = make;
  }

  get entries(): ReadonlyMap<string, Branch> {
    this.#entries ??= new Map(this.#make());
    return this.#entries;
  }
}

/**
 * A file tree below one root, on disk or in memory. Synchronous: sysfs is memory, and promises were 9 to 27 times
 * slower. Paths are absolute as the host's own programs see them (`/sys/bus/mdev/devices`), without `.` and `..`;
 * links in the middle of a path are not followed out of the root. Every failure is a `HostError` with that path.
 *
 * Permissions are sysfs's, for root too: a file whose mode lets nobody read (write) cannot be read (written).
 */
export interface Tree {
  /** The directory on disk; undefined in memory. */
  readonly root: string | undefined;
  /** Names in a directory, in no order. */
  names(path: string): readonly string[];
  /** Undefined when nothing is there. */
  kind(path: string): EntryKind | undefined;
  /** The target of a link, as written. */
  readLink(path: string): string;
  /** A text of at most 16 MiB, or what `limit` says in bytes (EFBIG). Only of a file (EINVAL). */
  read(path: string, limit?: number): string;
  /** Opens a file for reading and closes it: a device node that is in use says EBUSY. */
  probe(path: string): void;
  /** Writes to a file that is there, in one system call, creating nothing: how a kernel's files are written. */
  write(path: string, text: string): void;
  /** Replaces a file's content whole: a reader sees the old one or the new one. The mode stays. */
  replace(path: string, text: string): void;
  /** Adds to the end of a file that is there. */
  append(path: string, text: string): void;
  /** Puts a branch where nothing was (EEXIST), into a directory that is there. */
  plant(path: string, branch: Branch): void;
  /** Creates a directory and those above it, where they are missing. */
  ensureDirectory(path: string): void;
  /** Removes what is there, with everything below it. */
  prune(path: string): void;
  /** Removes a directory that has nothing in it; anything else stays. */
  pruneEmpty(path: string): void;
}

/** Whether a name is one component of a path and nothing more. */
export function isFileName(name: string): boolean {
  const isPath = name === '' || name === '.' || name === '..' || /[/\0]/.test(name);
  return !isPath && !isLargerThan(name, 255); // Linux's NAME_MAX
}

/**
 * Throws EILSEQ for a path that was listed and cannot be found, because a name in it is not UTF-8: Node has put U+FFFD
 * in the place of what it could not read.
 */
export function requireDecoded(path: string): void {
  if (path.includes('\ufffd')) throw new HostError('EILSEQ', path);
}

/** The last component of a path or link text. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path without its last component; of `/x` it is ``. */
export function directoryName(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Where a link's text leads, from the directory it stands in. `..` stops at the root, as in a chroot. */
export function resolveLink(from: string, target: string): string {
  let base = from === '/' ? '' : from;
  let rest = target;
  for (; rest.startsWith('../'); rest = rest.slice(3)) base = directoryName(base);
  // What the kernel writes ends here: first all the way up, then down.
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(rest)) return `${base}/${rest}`;
  const parts = target.startsWith('/') ? [] : base.split('/').filter((part) => part !== '');
  for (const part of rest.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The text of a relative link that stands at `at` and leads to `to`. */
export function relativeLink(at: string, to: string): string {
  let common = 0;
  for (let index = 0; index < to.length && at[index] === to[index]; index += 1) {
    if (to[index] === '/') common = index;
  }
  let up = '';
  for (let slash = at.indexOf('/', common + 1); slash >= 0; slash = at.indexOf('/', slash + 1)) {
    up += '../';
  }
  return up + to.slice(common + 1);
}

/** The relative link that stands at `at` and leads to `to`. */
export function linkTo(at: string, to: string): LinkBranch {
  return link(relativeLink(at, to));
}
