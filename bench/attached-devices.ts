import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTo, type Socket } from 'node:net';
import { connect, initSimulatedHost } from '../src/index.ts';
import { byTurns, inFolder } from './measure.ts';
import { plantedUuid } from './planted-tree.ts';
import type { Row } from './table.ts';

const ROUNDS = 11;
const READS = 2000;
const BIN = 'dist/cli/bin.js';
const WITHOUT_KOFFI = ['--import', './test/support/without-koffi.mjs'];

/** Answers each request as it is, as soon as all of it is there. */
const ECHO = `require('net').createServer((socket) => socket.pipe(socket)).listen(process.argv[1], () => console.log('ready'))`;

const ECHOED = 'an echo, UNIX socket, two processes';
const KOFFI = 'read 4 registers of a serial card, koffi';
const FRAMEBUFFER = 'read a framebuffer, koffi';
const PLAIN = 'read a framebuffer, without koffi';

/** The serial card's registers from modem control on: four, one byte each. */
const MODEM_CONTROL = 4;

/** The size of a read's reply: header, place and 4 bytes. */
const REPLY_BYTES = 36;

/**
 * What an access costs a VM that goes to the device by a message: one after the other, as a processor waits for each. The server is
 * `sim attach`, the client this process; the echo is the same between two programs of plain Node.
 */
export function attachedDevices(): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const [serial, screen, plain] = [0, 1, 2].map(plantedUuid);
    const uri = `sim://${folder}/host`;
    await initSimulatedHost(`${folder}/host`, 'kernel-samples');
    const host = await connect(uri);
    await host.create([
      xml(serial, 'mtty', 'mtty-1'),
      ...[screen, plain].map((uuid) => xml(uuid, 'mdpy', 'mdpy-vga')),
    ]);
    const attach = (options: readonly string[], ...uuids: readonly (string | undefined)[]) =>
      started([
        ...options,
        BIN,
        '-c',
        uri,
        'sim',
        'attach',
        '--socket-dir',
        folder,
        ...uuids.flatMap((each) => each ?? []),
      ]);
    const servers = [
      await started(['-e', ECHO, `${folder}/echo`]),
      await attach([], serial, screen),
      await attach(WITHOUT_KOFFI, plain),
    ];
    try {
      const sockets = ['echo', ...[serial, screen, plain].map((uuid) => `${uuid}.sock`)];
      const clients = await Promise.all(sockets.map((name) => agreed(`${folder}/${name}`)));
      const jobs = [ECHOED, KOFFI, FRAMEBUFFER, PLAIN].map((name, index) => {
        const request =
          name === ECHOED ? Buffer.alloc(REPLY_BYTES) : readOf(name === KOFFI ? MODEM_CONTROL : 0);
        return [name, () => askAll(clients[index], request)] as const;
      });
      const time = await byTurns(ROUNDS, jobs);
      for (const client of clients) client.destroy();
      const perSecond = (name: string) => (READS * 1000) / time(name);
      return [
        { what: ECHOED, figure: perSecond(ECHOED), unit: 'replies/s' },
        ...[KOFFI, FRAMEBUFFER, PLAIN].map((what) => {
          const ratio = time(what) / time(ECHOED);
          return { what, figure: perSecond(what), unit: 'reads/s', ratio, to: ECHOED };
        }),
      ];
    } finally {
      for (const server of servers) {
        const ended = once(server, 'exit');
        server.kill();
        await ended;
      }
    }
  });
}

const xml = (uuid = '', parent = '', type = ''): string =>
  `<device><parent>${parent}_${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid></capability></device>`;

/** A program of Node, when it has said that it serves. */
async function started(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}`);
  return child;
}

/** A client that has agreed on a version, which the echo answers as well. */
async function agreed(path: string): Promise<Socket> {
  const socket = connectTo(path);
  await once(socket, 'connect');
  const version = Buffer.alloc(20);
  version.writeUInt16LE(1, 2);
  version.writeUInt32LE(version.length, 4);
  await ask(socket, version, version.length);
  return socket;
}

/** A request to read 4 bytes of region 0. */
function readOf(offset: number): Buffer {
  const request = Buffer.alloc(32);
  request.writeUInt16LE(9, 2);
  request.writeUInt32LE(request.length, 4);
  request.writeUInt32LE(offset, 16);
  request.writeUInt32LE(4, 28);
  return request;
}

async function askAll(socket: Socket | undefined, request: Buffer): Promise<void> {
  if (socket === undefined) return;
  for (let turn = 0; turn < READS; turn++) await ask(socket, request, REPLY_BYTES);
}

function ask(socket: Socket, request: Buffer, replyBytes: number): Promise<void> {
  return new Promise((resolve) => {
    let rest = replyBytes;
    const take = (bytes: Buffer): void => {
      rest -= bytes.length;
      if (rest > 0) return;
      socket.off('data', take);
      resolve();
    };
    socket.on('data', take);
    socket.write(request);
  });
}
