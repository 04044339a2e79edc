import * as fs from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { errnoOf, fileError } from '../definitions/problems.ts';
import type { Listener, LockFolder, Meeting } from './protocol.ts';

/** Milliseconds before trying again when a holder could not accept: it had no descriptors or no room left. */
const PAUSE_MS = 10;

/**
 * The folder of a lock on disk, open at a descriptor. Names in it are used through `/proc/self/fd`: they are those of
 * this folder whatever becomes of its path, and short enough for a socket's address (107 bytes) wherever it is.
 *
 * A socket's name is looked up in the file system, so processes of other network and process namespaces meet there.
 * `names` is one call of the kernel (getdents64) for up to some 800 names, and the kernel lets no name of a folder come
 * or go during it.
 *
 * @param path the folder's path, for messages
 * @param limit ends the waiting; its reason is thrown
 * @throws NodedevError `permission-denied`, `store-failed`
 */
export function socketFolder(descriptor: number, path: string, limit: AbortSignal): LockFolder {
  const at = (name: string): string => `/proc/self/fd/${descriptor}/${name}`;
  const failed = (doing: string, name: string, error: unknown): Error =>
    fileError(doing, `${path}/${name}`, error);
  let met: string | undefined;

  return {
    names() {
      try {
        return fs.readdirSync(at('.'));
      } catch (error) {
        throw failed('list', '', error);
      }
    },

    async listen(name) {
      const listener = await listenAt(at(name)).catch((error: unknown) => {
        throw failed('make the lock', name, error);
      });
      try {
        // Users who may write to the folder may take the lock. No other user may keep its holder busy.
        fs.chmodSync(at(name), fs.fstatSync(descriptor).mode & 0o666);
      } catch (error) {
        listener.close();
        throw failed('make the lock', name, error);
      }
      return listener;
    },

    link(from, to) {
      try {
        fs.linkSync(at(from), at(to));
        return true;
      } catch (error) {
        if (['EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) return false;
        throw failed('make the lock', to, error);
      }
    },

    unlink(name) {
      try {
        fs.unlinkSync(at(name));
      } catch {
        // No process listens at it, so it makes no process wait.
      }
    },

    async meet(name) {
      if (name === met) await pause();
      try {
        const meeting = await meetAt(at(name), limit);
        if (meeting === 'ended') met = name;
        return meeting;
      } catch (error) {
        throw limit.aborted ? limit.reason : failed('wait for the lock', name, error);
      }
    },
  };
}

/** Whether a process listens at a name of the folder that is open at a descriptor. */
export function isHeard(descriptor: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: `/proc/self/fd/${descriptor}/${name}` });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function listenAt(address: string): Promise<Listener> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined); // the other process has ended
    socket.on('close', () => waiting.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Exclusive: otherwise in a worker of node:cluster the parent process would listen, which may live longer.
    server.listen({ path: address, exclusive: true }, resolve);
  });
  server.on('error', () => undefined); // out of descriptors: the other process tries again
  return {
    close: () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

function meetAt(address: string, limit: AbortSignal): Promise<Meeting> {
  return new Promise((resolve, reject) => {
    limit.throwIfAborted();
    const socket = connect({ path: address });
    const end = (): void => {
      socket.destroy();
      reject(limit.reason);
    };
    limit.addEventListener('abort', end, { once: true });
    socket.once('connect', () => socket.resume());
    socket.once('error', (error) => {
      const errno = errnoOf(error);
      if (errno === 'ECONNREFUSED') resolve('refused');
      else if (errno === 'ENOENT') resolve('absent');
      else if (errno === 'EAGAIN')
        void pause().then(() => resolve('ended')); // the holder had no room for one more
      else if (errno !== 'ECONNRESET') reject(error);
    });
    socket.once('close', () => {
      limit.removeEventListener('abort', end);
      resolve('ended');
    });
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
