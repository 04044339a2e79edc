import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { ProtocolError } from './messages.ts';
import { Conversation, type ServedSocket, type Service } from './serving.ts';

/** Serves a socket with what Node has: descriptors that a client sends are dropped by the kernel, and none is sent. */
export async function servePlain(path: string, service: Service): Promise<ServedSocket> {
  const clients = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined); // it is closed then
    if (sockets.size > 0) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const client = converse(socket, service)
      .catch((error: unknown) => service.report(error))
      .finally(() => {
        socket.destroy();
        sockets.delete(socket);
        clients.delete(client);
      });
    clients.add(client);
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...clients]);
    },
  };
}

async function converse(socket: Socket, service: Service): Promise<void> {
  const { device, gone } = await service.admit(undefined);
  const conversation = new Conversation(device);
  try {
    for await (const bytes of socket) {
      if (!Buffer.isBuffer(bytes)) continue; // it never has an encoding
      for (const reply of conversation.replies(bytes)) {
        // Who does not take replies is asked nothing more: they would pile up here.
        if (!socket.write(reply.bytes)) await Promise.race([once(socket, 'drain'), ended(socket)]);
        if (socket.destroyed) return;
      }
    }
  } catch (error) {
    if (error instanceof ProtocolError) service.report(error);
    else if (!isDisconnection(error)) throw error;
  } finally {
    conversation.close();
    await gone();
  }
}

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

const isDisconnection = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(String(error.code));
