import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import type { DiskTree } from '../disk-tree.ts';
import { HostError } from '../host.ts';
import { baseName, directoryName } from '../tree.ts';
import type { FileStatus } from './replies.ts';
import type { Caller, FolderEntry, MountedFiles, OpenedFile } from './session.ts';

type Awaitable<T> = T | Promise<T>;

/** How the files of a mounted tree answer. Paths are those of the host. Refusals are {@link HostError}s. */
export interface FileAnswers {
  /** Makes a change while nobody else changes the host. */
  alone(caller: Caller, change: () => void): Awaitable<void>;
  /** Called in {@link alone}. */
  write(path: string, words: string): void;
  /** A file is opened; the function is called when its last descriptor is closed. @param writes not only for reading */
  opened?(path: string, writes: boolean, caller: Caller): Awaitable<() => Awaitable<void>>;
}

/** sysfs takes this much of a write at once, and says so (fs/kernfs/file.c). Its files are said to be so long. */
const PAGE = 4096;

/**
 * A folder of a host on disk as a mounted file system: it is read as it is, with the permissions and errnos of sysfs
 * (fs/kernfs/, fs/sysfs/), and what is written goes to `answers`. No link leads out of the host's directory.
 */
export class TreeFiles implements MountedFiles {
  readonly #tree: DiskTree;
  readonly #folder: '/sys' | '/dev/vfio';
  readonly #answers: FileAnswers;

  constructor(tree: DiskTree, folder: '/sys' | '/dev/vfio', answers: FileAnswers) {
    this.#tree = tree;
    this.#folder = folder;
    this.#answers = answers;
  }

  status(path: string): FileStatus | undefined {
    const status = this.#tree.status(this.#at(path));
    const kind = status && kindOf(status);
    if (status === undefined || kind === undefined) return undefined;
    const size = kind === 'file' ? this.#sizeOf(path, status) : 0;
    const { uid, gid, mtimeMs: time } = status;
    // A file of the tree may have many names that the host's has not.
    const links = kind === 'directory' ? status.nlink : 1;
    return { kind, mode: status.mode & 0o7777, uid, gid, size, links, time };
  }

  list(path: string): readonly FolderEntry[] {
    if (this.status(path)?.kind !== 'directory') throw new HostError('ENOENT', path);
    const at = this.#at(path);
    return this.#tree.names(at).flatMap((name) => {
      const kind = name.startsWith('.') ? undefined : this.#tree.kind(`${at}/${name}`);
      return kind === undefined || kind === 'other' ? [] : [{ name, kind }];
    });
  }

  readLink(path: string): string {
    if (this.status(path)?.kind !== 'link') throw new HostError('ENOENT', path);
    return this.#tree.readLink(this.#at(path));
  }

  async open(path: string, flags: number, caller: Caller): Promise<OpenedFile> {
    const at = this.#at(path);
    const mode = this.status(path)?.mode;
    if (mode === undefined) throw new HostError('ENOENT', at);
    const access = flags & (constants.O_WRONLY | constants.O_RDWR);
    // Root may open every file of a disk, but not of sysfs.
    const needed = [0o444, 0o222, 0o666][access] ?? 0o666;
    const lacks = [0o444, 0o222].some((kind) => (needed & kind) !== 0 && (mode & kind) === 0);
    if (lacks) throw new HostError('EACCES', at);
    const identity = this.#identityOf(at);
    const close = await this.#answers.opened?.(at, access !== constants.O_RDONLY, caller);
    const stillThere = (): void => {
      if (this.#identityOf(at) !== identity) throw new HostError('ENODEV', at);
    };
    return {
      read: (offset, size) => {
        stillThere();
        return this.#tree.slice(at, offset, size);
      },
      write: async (data, by) => {
        const taken = data.subarray(0, PAGE);
        await this.#answers.alone(by, () => {
          stillThere();
          this.#answers.write(at, textOf(taken));
        });
        return taken.length;
      },
      close: async () => close?.(),
    };
  }

  #at(path: string): string {
    return path === '/' ? this.#folder : this.#folder + path;
  }

  #sizeOf(path: string, { size }: Stats): number {
    return this.#folder === '/sys' && baseName(path) !== 'config' ? PAGE : size;
  }

  /** What tells the folder of a file from one that was made in its place: a device that was removed and created again. */
  #identityOf(at: string): string {
    const status = this.#tree.status(directoryName(at));
    return status === undefined ? '' : `${status.ino} ${status.birthtimeMs}`;
  }
}

function kindOf(status: Stats): FileStatus['kind'] | undefined {
  if (status.isDirectory()) return 'directory';
  if (status.isSymbolicLink()) return 'link';
  return status.isFile() ? 'file' : undefined;
}

/** What is no UTF-8 is no text for any file of the kernel: each of its bytes counts as one character that none takes. */
const textOf = (bytes: Buffer): string =>
  isUtf8(bytes)
    ? bytes.toString('utf8')
    : bytes.toString('latin1').replaceAll(/[\u0080-\u00ff]/g, '\u007f');
