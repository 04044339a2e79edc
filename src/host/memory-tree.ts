import { HostError } from './host.ts';
import {
  type Branch,
  baseName,
  type DirectoryBranch,
  directoryName,
  type EntryAccess,
  type EntryKind,
  type FileBranch,
  file,
  type Tree,
} from './tree.ts';

/** A directory that may be changed. Planted branches are shared, and are copied before a change. */
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
  /** The changeable directories in the tree by path, for fast access. */
  readonly #known = new Map<string, OwnDirectory>();

  names(path: string): readonly string[] {
    return [...this.#directory(path).entries.keys()];
  }

  kind(path: string): EntryKind | undefined {
    return this.#lookUp(path)?.kind;
  }

  access(path: string): EntryAccess | undefined {
    const found = this.#lookUp(path);
    return found && { mode: found.kind === 'file' ? found.mode : 0o755, uid: 0, gid: 0 };
  }

  readLink(path: string): string {
    const node = this.#node(path);
    if (node.kind !== 'link') throw new HostError('EINVAL', path);
    return node.target;
  }

  read(path: string): string {
    return this.#readable(path).text;
  }

  bytes(path: string): Uint8Array {
    const { text, encoding } = this.#readable(path);
    return Buffer.from(text, encoding);
  }

  #readable(path: string): FileBranch {
    const found = this.#file(path);
    if ((found.mode & 0o444) === 0) throw new HostError('EACCES', path);
    return found;
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
    const slash = path.lastIndexOf('/');
    const { entries } = this.#ownDirectory(path.slice(0, slash), path);
    const name = path.slice(slash + 1);
    if (entries.has(name)) throw new HostError('EEXIST', path);
    entries.set(name, branch);
  }

  ensureDirectory(path: string): void {
    if (path === '/' || this.#known.has(path)) return;
    const above = directoryName(path);
    if (above !== '') this.ensureDirectory(above);
    const { entries } = this.#folderOf(path);
    if (!entries.has(baseName(path))) entries.set(baseName(path), new OwnDirectory());
    this.#ownDirectory(path, path);
  }

  prune(path: string): void {
    const slash = path.lastIndexOf('/');
    const { entries } = this.#ownDirectory(path.slice(0, slash), path);
    const name = path.slice(slash + 1);
    const node = entries.get(name);
    if (node === undefined) throw new HostError('ENOENT', path);
    entries.delete(name);
    if (node instanceof OwnDirectory) this.#forget(path, node);
  }

  rename(from: string, to: string): void {
    const branch = this.#node(from);
    this.prune(from);
    this.plant(to, branch);
  }

  pruneEmpty(path: string): void {
    const node = this.#lookUp(path);
    if (node?.kind === 'directory' && node.entries.size === 0) this.prune(path);
  }

  #forget(path: string, { entries }: OwnDirectory): void {
    this.#known.delete(path);
    for (const [name, child] of entries) {
      if (child instanceof OwnDirectory) this.#forget(`${path}/${name}`, child);
    }
  }

  #put(path: string, branch: Branch): void {
    this.#folderOf(path).entries.set(baseName(path), branch);
  }

  /** Finds a branch. Links in the path are not followed: callers resolve them. */
  #lookUp(path: string): Branch | undefined {
    if (path === '/') return this.#top;
    const slash = path.lastIndexOf('/');
    const above = path.slice(0, slash);
    const folder = this.#known.get(above) ?? (above === '' ? this.#top : this.#lookUp(above));
    return folder?.kind === 'directory' ? folder.entries.get(path.slice(slash + 1)) : undefined;
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
    const node = this.#known.get(path) ?? this.#node(path);
    if (node.kind !== 'directory') throw new HostError('ENOTDIR', path);
    return node;
  }

  /** The directory of a path, in a changeable form. */
  #folderOf(path: string): OwnDirectory {
    return this.#ownDirectory(directoryName(path), path);
  }

  /** A directory in a changeable form: shared directories in its path are copied. */
  #ownDirectory(path: string, wanted: string): OwnDirectory {
    if (path === '') return this.#top;
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const { entries } = this.#ownDirectory(directoryName(path), wanted);
    const found = entries.get(baseName(path));
    if (found === undefined) throw new HostError('ENOENT', wanted);
    if (found.kind !== 'directory') throw new HostError('ENOTDIR', wanted);
    const own = found instanceof OwnDirectory ? found : new OwnDirectory(found.entries);
    entries.set(baseName(path), own);
    this.#known.set(path, own);
    return own;
  }
}
