import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { MAX_FILE_BYTES, readFolder, readToEnd } from '../bounded-read.ts';
import { FOLDER_MODE, isExisting, isLinked, makeFolder, pruneAt, writeNew } from './disk-files.ts';
import { hostErrorFrom } from './errno.ts';
import { HostError } from './host.ts';
import { OpenFile } from './open-file.ts';
import {
  type Branch,
  baseName,
  directoryName,
  type EntryAccess,
  type EntryKind,
  type FileBranch,
  type Tree,
} from './tree.ts';
import { isGroupWritable } from './shared-folder.ts';

/** The errnos of rmdir(2) for which the directory is left. */
const NOT_EMPTY: ReadonlySet<string> = new Set(['ENOTEMPTY', 'ENOENT', 'ENOTDIR']);

/** At most so many directories are remembered that have no link above them. */
const REMEMBERED = 4096;

/**
 * A file tree on disk, below a directory or `/`. No link leads a read or a write out of the directory: a path is used only
 * when no directory in it is a link, and its last component is opened without following links. The caller reads the
 * targets of links and resolves them inside the root.
 */
export class DiskTree implements Tree {
  readonly root: string;
  /** The real root without its final `/`. It is put before every path. */
  readonly #prefix: string;
  readonly #checked = new Set<string>();
  /** Whether the directory's group may change the tree. */
  readonly #isShared: boolean;
  /** Where files are that are never written to. */
  readonly #constants = new WeakMap<FileBranch, string>();

  /** Throws a HostError (ENOENT, ENOTDIR, …) when `root` is no directory. */
  constructor(root: string) {
    const real = attempt(root, () => realpathSync.native(root));
    this.root = real;
    this.#prefix = real === '/' ? '' : real;
    const status = attempt(root, () => lstatSync(real));
    if (!status.isDirectory()) throw new HostError('ENOTDIR', root);
    this.#isShared = isGroupWritable(status);
  }

  names(path: string): readonly string[] {
    const folder = this.#inside(path, path === '/' ? path : `${path}/`);
    // A kernel's folders have no more entries than it has devices, and are listed thousands of times.
    const isKernel = this.#prefix === '' && path.startsWith('/sys/');
    return attempt(path, () =>
      isKernel ? readdirSync(folder) : readFolder(folder).map(({ name }) => name),
    );
  }

  kind(path: string): EntryKind | undefined {
    const status = attempt(path, () => statusOf(this.#prefix + path));
    if (status === undefined) return undefined;
    if (status.isDirectory()) return 'directory';
    if (status.isSymbolicLink()) return 'link';
    return status.isFile() ? 'file' : 'other';
  }

  access(path: string): EntryAccess | undefined {
    const status = attempt(path, () => statusOf(this.#prefix + path));
    return status && { mode: status.mode & 0o7777, uid: status.uid, gid: status.gid };
  }

  /**
   * What a path is, without following a link; undefined when nothing is there. The folders above are looked at anew: a
   * process that runs long would not notice that one of them has become a link.
   */
  status(path: string): Stats | undefined {
    this.#checked.clear();
    return attempt(path, () => statusOf(this.#inside(path)));
  }

  /** The inode of a path, without following a link; undefined when nothing is there. */
  inode(path: string): number | undefined {
    return attempt(path, () => statusOf(this.#prefix + path))?.ino;
  }

  /** The length of a file, without following a link; undefined when nothing is there. */
  size(path: string): number | undefined {
    return attempt(path, () => statusOf(this.#prefix + path))?.size;
  }

  readLink(path: string): string {
    return attempt(path, () => readlinkSync(this.#prefix + path));
  }

  read(path: string, limit = MAX_FILE_BYTES): string {
    return this.#withFile(path, constants.O_RDONLY, 0o444, (file) =>
      readToEnd(file, limit).toString('utf8'),
    );
  }

  bytes(path: string): Uint8Array {
    return this.#withFile(path, constants.O_RDONLY, 0o444, (file) =>
      readToEnd(file, MAX_FILE_BYTES),
    );
  }

  /** A file's length in bytes, and its last bytes: at most `most`. */
  tail(path: string, most: number): { readonly size: number; readonly text: string } {
    return this.#withFile(path, constants.O_RDONLY, 0o444, (file) => {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(most, size));
      const count = readSync(file, bytes, 0, bytes.length, size - bytes.length);
      return { size, text: bytes.toString('utf8', 0, count) };
    });
  }

  /** At most `size` bytes of a file from `offset` on. */
  slice(path: string, offset: number, size: number): Uint8Array {
    return this.#withFile(path, constants.O_RDONLY, 0o444, (file) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
    });
  }

  /** Opens a file to follow what is added to it; the caller closes it. */
  open(path: string): OpenFile {
    return attempt(path, () => new OpenFile(this.#inside(path)));
  }

  probe(path: string): void {
    this.#withNode(path, constants.O_RDONLY, 0o444, () => undefined);
  }

  write(path: string, text: string): void {
    const put = (descriptor: number): void => {
      // The kernel takes a write as a whole, or says how much of it.
      if (writeSync(descriptor, text) < Buffer.byteLength(text)) {
        throw new HostError('EIO', path, { written: text });
      }
    };
    // Elsewhere than on `/` it is a file of a disk, and only a new one has all of the text or nothing.
    const use = this.#prefix === '' ? put : () => undefined;
    this.#withFile(path, constants.O_WRONLY, 0o222, use, text);
    if (this.#prefix !== '') this.replace(path, text);
  }

  replace(path: string, text: string): void {
    const target = this.#inside(path);
    const next = this.#prefix + directoryName(path) + `/.${baseName(path)}.next`;
    attempt(path, () => {
      const mode = lstatSync(target).mode & 0o7777;
      try {
        writeNew(next, text, mode);
      } catch (error) {
        if (!isExisting(error)) throw error;
        unlinkSync(next); // it is from a killed process
        writeNew(next, text, mode);
      }
      renameSync(next, target);
    });
  }

  append(path: string, text: string): void {
    this.#withFile(path, constants.O_WRONLY | constants.O_APPEND, 0o222, (descriptor) => {
      writeFileSync(descriptor, text);
    });
  }

  plant(path: string, branch: Branch): void {
    attempt(path, () => {
      this.#plantAt(this.#inside(path), branch);
    });
  }

  #plantAt(path: string, branch: Branch): void {
    switch (branch.kind) {
      case 'file':
        if ((branch.mode & 0o222) === 0) this.#plantConstant(path, branch);
        else writeNew(path, textOf(branch), branch.mode | this.#groupRights(branch.mode));
        return;
      case 'link':
        symlinkSync(branch.target, path);
        return;
      case 'directory':
        makeFolder(path, FOLDER_MODE | this.#groupRights(FOLDER_MODE));
        for (const [name, child] of branch.entries) this.#plantAt(`${path}/${name}`, child);
    }
  }

  /**
   * A file that is never written to. One that devices share as data is one file with many names: a third of a device's
   * files are, and a name costs a small part of what a file costs.
   */
  #plantConstant(path: string, branch: FileBranch): void {
    const same = this.#constants.get(branch);
    if (same !== undefined && isLinked(same, path)) return;
    writeNew(path, textOf(branch), branch.mode);
    this.#constants.set(branch, path);
  }

  /** The rights of the group that may change this tree: those of the owner. None when the directory's rights give it none. */
  #groupRights(mode: number): number {
    return this.#isShared ? (mode & 0o700) >> 3 : 0;
  }

  ensureDirectory(path: string): void {
    const parts = path.split('/').slice(1);
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const part = `/${parts.slice(0, depth).join('/')}`;
      if (this.kind(part) !== undefined) continue;
      attempt(part, () => {
        makeFolder(this.#inside(part), FOLDER_MODE | this.#groupRights(FOLDER_MODE));
      });
    }
  }

  rename(from: string, to: string): void {
    attempt(from, () => {
      renameSync(this.#inside(from), this.#inside(to));
    });
    this.#forget(from);
  }

  prune(path: string): void {
    const isFolder = attempt(path, () => pruneAt(this.#inside(path)));
    if (isFolder) this.#forget(path);
  }

  pruneEmpty(path: string): void {
    try {
      attempt(path, () => {
        rmdirSync(this.#inside(path));
      });
      this.#forget(path);
    } catch (error) {
      if (!(error instanceof HostError) || !NOT_EMPTY.has(error.errno)) throw error;
    }
  }

  /** Forgets a removed directory, since a link may replace it. */
  #forget(path: string): void {
    const gone = this.#prefix + path;
    for (const folder of this.#checked) {
      if (folder === gone || folder.startsWith(`${gone}/`)) this.#checked.delete(folder);
    }
  }

  /** The path on disk, when no directory on the way to it is a link; ELOOP otherwise. */
  #inside(path: string, through = path): string {
    if (this.#prefix === '') return path;
    const folder = this.#prefix + directoryName(through);
    if (!this.#checked.has(folder)) {
      if (attempt(path, () => realpathSync.native(folder)) !== folder) {
        throw new HostError('ELOOP', path);
      }
      if (this.#checked.size >= REMEMBERED) this.#checked.clear();
      this.#checked.add(folder);
    }
    return this.#prefix + path;
  }

  /** Opens a file for reading or writing. Everything else is refused. */
  #withFile<T>(
    path: string,
    flags: number,
    permission: number,
    use: (descriptor: number) => T,
    written?: string,
  ): T {
    const useFile = (descriptor: number, status: Stats): T => {
      const isOther = !status.isFile() && !status.isDirectory(); // for a directory the kernel's own errno is kept
      if (isOther) throw new HostError('EINVAL', path, { written });
      return use(descriptor);
    };
    return this.#withNode(path, flags, permission, useFile, written);
  }

  #withNode<T>(
    path: string,
    flags: number,
    permission: number,
    use: (descriptor: number, status: Stats) => T,
    written?: string,
  ): T {
    const target = this.#inside(path);
    return attempt(
      path,
      () => {
        // Non-blocking, because a FIFO in the tree would block for ever.
        const always = constants.O_NOFOLLOW | constants.O_NONBLOCK;
        const descriptor = openSync(target, flags | always);
        try {
          const status = fstatSync(descriptor);
          // On a disk root may open every file. In sysfs it may not, so permissions are checked here.
          if (this.#prefix !== '' && (status.mode & permission) === 0) {
            throw new HostError('EACCES', path, { written });
          }
          return use(descriptor, status);
        } finally {
          closeSync(descriptor);
        }
      },
      written,
    );
  }
}

/** What is written for a file: its text, or the bytes that the text stands for. */
const textOf = ({ text, encoding }: FileBranch): string | Buffer =>
  encoding === undefined ? text : Buffer.from(text, encoding);

/** The result of `lstat`; undefined when nothing is there, also when a component of the path is a file. */
function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function attempt<T>(path: string, operation: () => T, written?: string): T {
  try {
    return operation();
  } catch (error) {
    throw hostErrorFrom(error, path, written);
  }
}
