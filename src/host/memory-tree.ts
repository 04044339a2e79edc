import { HostError } from './host.ts';
import {
  type Branch,
  baseName,
  type DirectoryBranch,
  directoryName,
  type EntryKind,
  type FileBranch,
  file,
  type Tree,
} from './tree.ts';

/** A directory of the tree's own, which may change; planted branches are shared and are copied when they must. */
class OwnDirectory {
  readonly kind = 'directory';
  readonly entries: Map<string, Branch>;

  constructor(entries?: ReadonlyMap<string, Branch>) {
    this.entries = new Map(entries);
  }
}

/** A file tree in memory. */
export class MemoryTree implements Tree {
  readonly root = undefined;
  readonly #top = new OwnDirectory();

  names(path: string): readonly string[] {
    return [...this.#directory(path).entries.keys()];
  }

  kind(path: string): EntryKind | undefined {
    return this.#lookUp(path)?.kind;
  }

  readLink(path: string): string {
    const node = this.#node(path);
    if (node.kind !== 'link') throw new HostError('EINVAL', path);
    return node.target;
  }

  read(path: string): string {
    const { mode, text } = this.#file(path);
    if ((mode & 0o444) === 0) throw new HostError('EACCES', path);
    return text;
  }

  probe(path: string): void {
    this.#file(path);
  }

  write(path: string, text: string): void {
    const { mode } = this.#file(path, text);
    if ((mode & 0o222) === 0) throw new HostError('EACCES', path, { written: text });
    this.#put(path, file(text, mode));
  }

  replace(path: string, text: string): void {
    this.#put(path, file(text, this.#file(path).mode));
  }

  append(path: string, text: string): void {
    const old = this.#file(path);
    this.#put(path, file(old.text + text, old.mode));
  }

  plant(path: string, branch: Branch): void {
    const parent = this.#ownDirectory(directoryName(path));
    const name = baseName(path);
    if (parent.entries.has(name)) throw new HostError('EEXIST', path);
    parent.entries.set(name, branch);
  }

  ensureDirectory(path: string): void {
    let at = this.#top;
    for (const name of path.split('/').slice(1)) {
      if (!at.entries.has(name)) at.entries.set(name, new OwnDirectory());
      at = ownChild(at, name, path);
    }
  }

  prune(path: string): void {
    if (!this.#ownDirectory(directoryName(path)).entries.delete(baseName(path))) {
      throw new HostError('ENOENT', path);
    }
  }

  #put(path: string, branch: Branch): void {
    this.#ownDirectory(directoryName(path)).entries.set(baseName(path), branch);
  }

  /** Walks without following links: the tree's users resolve them by their text. */
  #lookUp(path: string): Branch | undefined {
    let at: Branch | undefined = this.#top;
    for (let start = 1; start < path.length; ) {
      if (at?.kind !== 'directory') return undefined;
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      at = at.entries.get(path.slice(start, end));
      start = end + 1;
    }
    return at;
  }

  #node(path: string): Branch {
    const node = this.#lookUp(path);
    if (node === undefined) throw new HostError('ENOENT', path);
    return node;
  }

  #file(path: string, written?: string): FileBranch {
    const node = this.#lookUp(path);
    if (node?.kind === 'file') return node;
    const errno = node === undefined ? 'ENOENT' : node.kind === 'link' ? 'ELOOP' : 'EISDIR';
    throw new HostError(errno, path, { written });
  }

  #directory(path: string): DirectoryBranch {
    const node = this.#node(path);
    if (node.kind !== 'directory') throw new HostError('ENOTDIR', path);
    return node;
  }

  #ownDirectory(path: string): OwnDirectory {
    let at = this.#top;
    for (let start = 1; start < path.length; ) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      at = ownChild(at, path.slice(start, end), path);
      start = end + 1;
    }
    return at;
  }
}

/** A child directory that may be changed: a shared one is replaced by a copy. */
function ownChild(parent: OwnDirectory, name: string, path: string): OwnDirectory {
  const child = parent.entries.get(name);
  if (child instanceof OwnDirectory) return child;
  if (child === undefined) throw new HostError('ENOENT', path);
  if (child.kind !== 'directory') throw new HostError('ENOTDIR', path);
  const own = new OwnDirectory(child.entries);
  parent.entries.set(name, own);
  return own;
}
