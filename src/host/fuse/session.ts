import { closeSync, read, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { errnoNumber } from '../errno.ts';
import { HostError } from '../host.ts';
import { isFileName } from '../tree.ts';
import { Nodes } from './nodes.ts';
import { type FileStatus, MAX_WRITE, Replies } from './replies.ts';
import {
  type ByteOrder,
  decodeRequest,
  MODE_OR_OWNER,
  type Place,
  type Request,
} from './requests.ts';

type Awaitable<T> = T | Promise<T>;

/** What a mounted file system shows, and how it answers. Paths begin with `/`, its root. Refusals are {@link HostError}s. */
export interface MountedFiles {
  /** Undefined: nothing is there. */
  status(path: string): FileStatus | undefined;
  list(path: string): readonly FolderEntry[];
  readLink(path: string): string;
  /** @param flags those of open(2) */
  open(path: string, flags: number, caller: Caller): Awaitable<OpenedFile>;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: FileStatus['kind'];
}

/** Who makes a system call: the thread's id, as this process sees it; 0 when it does not see it. */
export interface Caller {
  readonly thread: number;
}

/** An open file, from open(2) until the last descriptor is closed. */
export interface OpenedFile {
  read(offset: number, size: number): Uint8Array;
  /** Returns how many bytes of it were taken. */
  write(data: Buffer, caller: Caller): Awaitable<number>;
  close(): Awaitable<void>;
}

/** The kernel needs room for a write and what stands before it. */
const BUFFER_BYTES = MAX_WRITE + 4096;

/** Errnos of reading a request after which there is a next one: it was taken back, or a signal came. */
const TRIED_AGAIN: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR', 'ENOENT']);

/** How long to wait between looks whether the descriptor is mounted. */
const PAUSE_MS = 2;

/**
 * Serves a mounted file system: reads the kernel's requests from an open /dev/fuse and replies. Reading waits in one of the few
 * threads that Node has for files, as long as the file system is mounted.
 */
export class FuseSession {
  readonly #descriptor: number;
  readonly #files: MountedFiles;
  readonly #order: ByteOrder;
  readonly #replies: Replies;
  readonly #report: (error: unknown) => void;
  readonly #nodes = new Nodes();
  readonly #open = new Map<number, OpenedFile>();
  readonly #folders = new Map<number, readonly FolderEntry[]>();
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #nextHandle = 1;
  #isEnding = false;
  #isMounted = false;
  #begun: (() => void) | undefined;

  /** Resolved when the kernel has asked the first question: the file system is mounted. */
  readonly ready = new Promise<void>((resolve) => {
    this.#begun = resolve;
  });

  /**
   * @param descriptor /dev/fuse, open for reading and writing; the session closes it
   * @param report hears of errors that the kernel is only told EIO of
   */
  constructor(
    descriptor: number,
    files: MountedFiles,
    report: (error: unknown) => void,
    order: ByteOrder = endianness(),
  ) {
    this.#descriptor = descriptor;
    this.#files = files;
    this.#report = report;
    this.#order = order;
    this.#replies = new Replies(order);
  }

  /** What is kept for the kernel: files it knows, open files and folders. */
  get kept(): number {
    return this.#nodes.size + this.#open.size + this.#folders.size;
  }

  /** The next request is the last one: then the file system is dead, wherever it is still mounted. */
  endAfterNext(): void {
    this.#isEnding = true;
  }

  /** Serves from the mount, which may be later, until the file system is unmounted, or {@link endAfterNext}. What is open then is closed. */
  async serve(): Promise<void> {
    try {
      while (!this.#isEnding) {
        const size = await this.#next();
        if (size === undefined) break;
        // Not awaited: who waits for the lock keeps nobody from reading.
        const request = decodeRequest(this.#buffer.subarray(0, size), this.#order);
        if (request !== undefined) void this.#answer(request);
      }
    } finally {
      closeSync(this.#descriptor);
      for (const handle of this.#open.keys()) await this.#close(handle);
    }
  }

  /** The size of the next request, in the buffer; undefined: the file system is unmounted. */
  #next(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      read(this.#descriptor, this.#buffer, 0, BUFFER_BYTES, null, (error, size) => {
        if (error === null) resolve(size);
        else if (TRIED_AGAIN.has(error.code ?? '')) resolve(0);
        else if (error.code === 'EPERM' && !this.#isMounted) setTimeout(resolve, PAUSE_MS, 0);
        else if (error.code === 'ENODEV') resolve(undefined);
        else reject(error);
      });
    });
  }

  async #answer(request: Request): Promise<void> {
    let reply: Buffer | undefined;
    try {
      const answer = this.#replyTo(request);
      reply = answer instanceof Promise ? await answer : answer;
    } catch (error) {
      reply = this.#replies.error(request.unique, this.#errnoOf(error));
    }
    if (reply === undefined) return;
    try {
      writeSync(this.#descriptor, reply);
    } catch {
      // The request was taken back (ENOENT), or the file system is gone: nobody waits for the reply.
    }
  }

  #errnoOf(error: unknown): number {
    const errno = error instanceof HostError ? errnoNumber(error.errno) : undefined;
    if (errno === undefined) this.#report(error);
    return errno ?? errnoNumber('EIO') ?? 5;
  }

  #replyTo(request: Request): Awaitable<Buffer | undefined> {
    const { unique, node } = request;
    const caller = { thread: request.pid };
    switch (request.op) {
      case 'init':
        this.#isMounted = true;
        this.#begun?.();
        return this.#replies.init(unique, request.flags);
      case 'forget':
        for (const each of request.nodes) this.#nodes.forget(each.node, each.count);
        return undefined;
      case 'lookup':
        return this.#lookUp(unique, this.#pathOf(node), request.name);
      case 'getattr':
        return this.#attributes(unique, node);
      case 'setattr':
        // `>` asks for size 0, which is no change of such a file.
        if ((request.valid & MODE_OR_OWNER) !== 0) throw new HostError('EPERM', this.#pathOf(node));
        return this.#attributes(unique, node);
      case 'readlink':
        return this.#replies.data(unique, Buffer.from(this.#files.readLink(this.#pathOf(node))));
      case 'open':
        return this.#openFile(unique, this.#pathOf(node), request.flags, caller);
      case 'read': {
        const { handle, offset, size } = request.place;
        return this.#replies.data(unique, this.#opened(handle).read(offset, size));
      }
      case 'write':
        return this.#write(unique, request.handle, request.data, caller);
      case 'release':
        return this.#release(unique, request.handle);
      case 'opendir':
        return this.#openFolder(unique);
      case 'readdir':
        return this.#readFolder(unique, this.#pathOf(node), request.place);
      case 'releasedir':
        this.#folders.delete(request.handle);
        return this.#replies.error(unique, 0);
      case 'statfs':
        return this.#replies.statfs(unique);
      case 'destroy':
        return this.#replies.error(unique, 0);
      case 'refused':
        throw new HostError(request.errno, this.#nodes.path(node) ?? '');
    }
  }

  #pathOf(node: number): string {
    const path = this.#nodes.path(node);
    if (path === undefined) throw new HostError('ESTALE', '');
    return path;
  }

  #statusOf(path: string): FileStatus {
    const status = this.#files.status(path);
    if (status === undefined) throw new HostError('ENOENT', path);
    return status;
  }

  #attributes(unique: bigint, node: number): Buffer {
    return this.#replies.attributes(unique, node, this.#statusOf(this.#pathOf(node)));
  }

  #lookUp(unique: bigint, folder: string, name: string | undefined): Buffer {
    const path = `${folder === '/' ? '' : folder}/${name ?? ''}`;
    // What begins with a dot is a file that is just being written.
    const isOurs = name !== undefined && isFileName(name) && !name.startsWith('.');
    if (!isOurs) throw new HostError('ENOENT', path);
    const status = this.#statusOf(path);
    return this.#replies.entry(unique, this.#nodes.name(path), status);
  }

  async #openFile(unique: bigint, path: string, flags: number, caller: Caller): Promise<Buffer> {
    const file = await this.#files.open(path, flags, caller);
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#open.set(handle, file);
    return this.#replies.opened(unique, handle);
  }

  #opened(handle: number): OpenedFile {
    const file = this.#open.get(handle);
    if (file === undefined) throw new HostError('EBADF', '');
    return file;
  }

  async #write(unique: bigint, handle: number, data: Buffer, caller: Caller): Promise<Buffer> {
    return this.#replies.written(unique, await this.#opened(handle).write(data, caller));
  }

  async #release(unique: bigint, handle: number): Promise<Buffer> {
    await this.#close(handle);
    return this.#replies.error(unique, 0);
  }

  async #close(handle: number): Promise<void> {
    const file = this.#open.get(handle);
    this.#open.delete(handle);
    try {
      await file?.close();
    } catch (error) {
      this.#report(error); // close(2) tells nobody
    }
  }

  #openFolder(unique: bigint): Buffer {
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    this.#folders.set(handle, []);
    return this.#replies.opened(unique, handle);
  }

  /** A folder is listed when it is read from its beginning: what comes and goes later moves no entry. */
  #readFolder(unique: bigint, path: string, place: Place): Buffer {
    const { handle, offset } = place;
    if (offset === 0) {
      const dots = ['.', '..'].map((name): FolderEntry => ({ name, kind: 'directory' }));
      this.#folders.set(handle, [...dots, ...this.#files.list(path)]);
    }
    return this.#replies.entries(unique, this.#folders.get(handle) ?? [], place);
  }
}
