import { isLargerThan } from '../utf8-size.ts';
import { HostError } from './host.ts';

/** The kind of a path's entry, as `lstat` gives it; `other` is a device node, socket or pipe. */
export type EntryKind = 'directory' | 'file' | 'link' | 'other';

/** Who may use an entry. */
export interface EntryAccess {
  /** Permissions: 0o600. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileBranch {
  readonly kind: 'file';
  /** Octal permissions. */
  readonly mode: number;
  readonly text: string;
  /** `latin1`: each character of the text is a byte. Default: UTF-8. */
  readonly encoding?: 'latin1' | undefined;
}

export interface LinkBranch {
  readonly kind: 'link';
  /** The text of the link: relative or absolute. */
  readonly target: string;
}

export interface DirectoryBranch {
  readonly kind: 'directory';
  readonly entries: ReadonlyMap<string, Branch>;
}

/** A part of a file tree as data, so that a whole device can be added at once. Shared branches are never changed. */
export type Branch = FileBranch | LinkBranch | DirectoryBranch;

export function file(text: string, mode = 0o444): FileBranch {
  return { kind: 'file', mode, text };
}

/** A file whose text is computed when it is read, as in sysfs. In a tree on disk it keeps its first text. */
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

/** A directory whose entries are made when they are first needed. */
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
 * slower. Paths are absolute paths on the host (`/sys/bus/mdev/devices`), without `.` and `..`. Links inside a path never
 * lead out of the root. Every failure is a `HostError` with the path.
 *
 * Permissions hold for root, too, as in sysfs: a file whose mode allows no reading (writing) cannot be read (written).
 */
export interface Tree {
  /** The directory on disk; undefined in memory. */
  readonly root: string | undefined;
  /** The names in a directory, unsorted. */
  names(path: string): readonly string[];
  /** The kind of an entry; undefined when nothing is there. */
  kind(path: string): EntryKind | undefined;
  /** Who may use an entry, a link not followed; undefined when nothing is there. */
  access(path: string): EntryAccess | undefined;
  /** The target of a link, as written. */
  readLink(path: string): string;
  /** The text of a file (else EINVAL) of at most `limit` bytes (else EFBIG); default 16 MiB. */
  read(path: string, limit?: number): string;
  /** The bytes of a file, which is refused as by `read`. */
  bytes(path: string): Uint8Array;
  /** Opens a file for reading and closes it. A device node that is in use gives EBUSY. */
  probe(path: string): void;
  /** Writes to an existing file in one system call, as files of a kernel are written. */
  write(path: string, text: string): void;
  /** Replaces a file's content: a reader sees the old or the new one. The mode stays. */
  replace(path: string, text: string): void;
  /** Appends to an existing file. */
  append(path: string, text: string): void;
  /** Adds a branch to an existing directory. EEXIST when its path exists. */
  plant(path: string, branch: Branch): void;
  /** Creates a directory and those above it, if missing. */
  ensureDirectory(path: string): void;
  /** Gives an entry another path, which must be free. */
  rename(from: string, to: string): void;
  /** Removes an entry with everything below it. */
  prune(path: string): void;
  /** Removes an empty directory. Everything else stays. */
  pruneEmpty(path: string): void;
}

/** Whether a name is a single component of a path. */
export function isFileName(name: string): boolean {
  const isPath = name === '' || name === '.' || name === '..' || /[/\0]/.test(name);
  return !isPath && !isLargerThan(name, 255); // Linux's NAME_MAX
}

/**
 * Throws EILSEQ for a listed path with a name that is not UTF-8. It cannot be opened, since Node has replaced the bytes by
 * U+FFFD.
 */
export function requireDecoded(path: string): void {
  if (path.includes('\ufffd')) throw new HostError('EILSEQ', path);
}

/** The last component of a path or link text. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Removes what is at a path, if anything is. */
export function pruneIfAny(tree: Tree, path: string): void {
  if (tree.kind(path) !== undefined) tree.prune(path);
}

/** The path without its last component; of `/x` it is ``. */
export function directoryName(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The target of a link in the directory `from`. `..` stops at the root, as in a chroot. */
export function resolveLink(from: string, target: string): string {
  let base = from === '/' ? '' : from;
  let rest = target;
  for (; rest.startsWith('../'); rest = rest.slice(3)) base = directoryName(base);
  // The links of the kernel end here: first `..`, then names.
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(rest)) return `${base}/${rest}`;
  const parts = target.startsWith('/') ? [] : base.split('/').filter((part) => part !== '');
  for (const part of rest.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The text of a relative link at `at` with the target `to`. */
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

/** A relative link at `at` with the target `to`. */
export function linkTo(at: string, to: string): LinkBranch {
  return link(relativeLink(at, to));
}
