import { readlinkSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { default as koffiPackage, node } from 'koffi';
import { VfioError } from '../vfio/error.ts';
import { MAX_DESCRIPTORS, ProtocolError } from './messages.ts';
import type { Descriptor } from './session.ts';

// The numbers of Linux on the machines that koffi is built for.
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_FLAGS = 0o2004000; // SOCK_NONBLOCK | SOCK_CLOEXEC
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SO_PEERCRED = 17;
const MSG_CTRUNC = 0x8;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const POLLOUT = 0x4;

// What stands where in the memory for calls: struct msghdr, struct iovec, control data, small results, received bytes.
const IOVEC = 64;
const CONTROL = 128;
const CMSG_HEADER_BYTES = 16;
const CONTROL_BYTES = CMSG_HEADER_BYTES + MAX_DESCRIPTORS * 4;
const SMALL = 256;
const DATA = 512;
const RECEIVE_BYTES = 1 << 16;

type Koffi = typeof koffiPackage;
type Call = (...parameters: readonly (number | Uint8Array | null)[]) => number;
export type PollHandle = node.PollHandle;
/** What to wait for. */
interface PollEvents {
  readonly readable?: true;
  readonly writable?: true;
}

const ONE = Buffer.from(new BigUint64Array([1n]).buffer);

/** What recvmsg brought. The bytes stand where the next call puts its own. */
interface Received {
  readonly bytes: Buffer;
  readonly descriptors: readonly Descriptor[];
}

/**
 * The package that calls functions of C. It is optional.
 *
 * @throws Error: it is not installed, or not made for this machine
 */
export async function loadKoffi(): Promise<Koffi> {
  const { default: koffi } = await import('koffi');
  if (koffi.sizeof('void *') !== 8) throw new Error('it takes a 64-bit Node');
  return koffi;
}

/**
 * A callback of koffi that does its work in a turn of its own: Node 26 runs no promises after what koffi calls (3.3.4), until something
 * else happens.
 */
export const inTurn =
  (ready: () => void): (() => void) =>
  () => {
    setImmediate(ready);
  };

/** The system calls by which descriptors come and go, which Node does not have: those of libc, through koffi. */
export class NativeCalls {
  readonly #koffi: Koffi;
  readonly #libc: ReturnType<Koffi['load']>;
  /** Not in the heap, so that it stays where it is. */
  readonly #memory = Buffer.from(new ArrayBuffer(DATA + RECEIVE_BYTES));
  readonly #address: bigint;
  readonly #recvmsg: Call;
  readonly #sendmsg: Call;
  readonly #poll: Call;
  readonly #close: Call;

  constructor(koffi: Koffi) {
    this.#koffi = koffi;
    this.#libc = koffi.load(null); // what Node itself is linked with
    this.#address = koffi.address(this.#memory);
    this.#recvmsg = this.#libc.func('long recvmsg(int fd, void *message, int flags)');
    this.#sendmsg = this.#libc.func('long sendmsg(int fd, void *message, int flags)');
    this.#close = this.#libc.func('int close(int fd)');
    this.#poll = this.#libc.func('int poll(void *fds, unsigned long count, int timeout)');
  }

  /** Of a descriptor that came from here; Node warns of those that it does not know. */
  close(fd: number): void {
    this.#close(fd);
  }

  /** Listens at a path that is not there yet. */
  listen(path: string): number {
    const call: Call = this.#libc.func('int socket(int domain, int type, int protocol)');
    const bind: Call = this.#libc.func('int bind(int fd, void *address, unsigned int size)');
    const listen: Call = this.#libc.func('int listen(int fd, int backlog)');
    const fd = this.#checked('socket', call(AF_UNIX, SOCK_STREAM | SOCK_FLAGS, 0));
    try {
      const address = Buffer.alloc(110); // struct sockaddr_un
      address.writeUInt16LE(AF_UNIX, 0);
      address.write(path, 2);
      this.#checked('bind', bind(fd, address, address.length));
      this.#checked('listen', listen(fd, 1));
      return fd;
    } catch (error) {
      this.close(fd);
      throw error;
    }
  }

  /** The next client of a socket; undefined: there is none any more. */
  accept(fd: number): number | undefined {
    const accept: Call = this.#libc.func(
      'int accept4(int fd, void *address, void *size, int flags)',
    );
    const client = accept(fd, null, null, SOCK_FLAGS);
    return client < 0 ? undefined : client;
  }

  /** The process that connected; undefined: this process cannot see it. */
  peerOf(fd: number): number | undefined {
    const ask: Call = this.#libc.func(
      'int getsockopt(int fd, int level, int name, void *value, void *size)',
    );
    const [credentials, size] = [Buffer.alloc(12), Buffer.alloc(4)]; // struct ucred
    size.writeUInt32LE(credentials.length);
    const isKnown = ask(fd, SOL_SOCKET, SO_PEERCRED, credentials, size) === 0;
    return isKnown ? credentials.readInt32LE(0) || undefined : undefined;
  }

  /**
   * @returns undefined: nothing has come yet; no bytes: the client has gone
   * @throws ProtocolError for more descriptors than are taken
   */
  receive(fd: number): Received | undefined {
    this.#prepare(this.#address + BigInt(DATA), RECEIVE_BYTES, CONTROL_BYTES);
    const size = this.#recvmsg(fd, this.#memory, MSG_CMSG_CLOEXEC);
    if (size < 0) {
      if (this.#mayPass()) return undefined;
      throw new ProtocolError(`recvmsg: errno ${this.#koffi.errno()}`);
    }
    const descriptors = this.#descriptors();
    if ((this.#memory.readInt32LE(48) & MSG_CTRUNC) !== 0) {
      for (const each of descriptors) each.close();
      throw new ProtocolError(`more than ${MAX_DESCRIPTORS} descriptors`);
    }
    return { bytes: this.#memory.subarray(DATA, DATA + size), descriptors };
  }

  /**
   * @param bytes of a memory of their own
   * @returns how many were taken; 0: none now
   * @throws ProtocolError: the client has gone
   */
  send(fd: number, bytes: Buffer, descriptor: number | undefined): number {
    this.#prepare(this.#koffi.address(bytes), bytes.length, 0);
    if (descriptor !== undefined) {
      const at = CONTROL;
      this.#memory.writeBigUInt64LE(BigInt(CMSG_HEADER_BYTES + 4), at);
      this.#memory.writeInt32LE(SOL_SOCKET, at + 8);
      this.#memory.writeInt32LE(SCM_RIGHTS, at + 12);
      this.#memory.writeInt32LE(descriptor, at + CMSG_HEADER_BYTES);
      this.#memory.writeBigUInt64LE(this.#address + BigInt(CONTROL), 32);
      this.#memory.writeBigUInt64LE(BigInt(CMSG_HEADER_BYTES + 8), 40);
    }
    const sent = this.#sendmsg(fd, this.#memory, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (this.#mayPass()) return 0;
    throw new ProtocolError(`sendmsg: errno ${this.#koffi.errno()}`);
  }

  /**
   * Calls back whenever a descriptor is ready, until the handle is closed. A worker thread that ends before that takes the
   * process with it (koffi 3.3).
   */
  watch(fd: number, ready: () => void, events: PollEvents = { readable: true }): PollHandle {
    return this.#koffi.node.poll(fd, events, inTurn(ready));
  }

  /** struct msghdr, with one struct iovec. */
  #prepare(base: bigint, length: number, control: number): void {
    const memory = this.#memory;
    memory.fill(0, 0, IOVEC);
    memory.writeBigUInt64LE(this.#address + BigInt(IOVEC), 16);
    memory.writeBigUInt64LE(1n, 24);
    if (control > 0) memory.writeBigUInt64LE(this.#address + BigInt(CONTROL), 32);
    memory.writeBigUInt64LE(BigInt(control), 40);
    memory.writeBigUInt64LE(base, IOVEC);
    memory.writeBigUInt64LE(BigInt(length), IOVEC + 8);
  }

  /** The descriptors of what has just been received. */
  #descriptors(): readonly Descriptor[] {
    const length = Number(this.#memory.readBigUInt64LE(40));
    if (length < CMSG_HEADER_BYTES + 4 || this.#memory.readInt32LE(CONTROL + 12) !== SCM_RIGHTS) {
      return [];
    }
    const end = CONTROL + Math.min(Number(this.#memory.readBigUInt64LE(CONTROL)), CONTROL_BYTES);
    const descriptors: Descriptor[] = [];
    for (let at = CONTROL + CMSG_HEADER_BYTES; at + 4 <= end; at += 4) {
      descriptors.push(this.#eventOf(this.#memory.readInt32LE(at)));
    }
    return descriptors;
  }

  #eventOf(fd: number): Descriptor {
    return {
      isEvent: () => readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventfd]',
      signal: () => {
        // One that is full would let us wait, and says all there is to say.
        if (this.#isWritable(fd)) writeSync(fd, ONE);
      },
      close: () => this.close(fd),
    };
  }

  #isWritable(fd: number): boolean {
    const entry = this.#memory.subarray(SMALL, SMALL + 8); // struct pollfd
    entry.writeInt32LE(fd, 0);
    entry.writeInt32LE(POLLOUT, 4);
    return this.#poll(entry, 1, 0) === 1 && (entry.readInt16LE(6) & POLLOUT) !== 0;
  }

  #mayPass(): boolean {
    const errno = this.#koffi.errno();
    return errno === constants.errno.EAGAIN || errno === constants.errno.EINTR;
  }

  #checked(call: string, result: number): number {
    if (result >= 0) return result;
    const errno = this.#koffi.errno();
    throw new VfioError('EIO', `${call}: errno ${errno}`);
  }
}
