import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, type Connection, initSimulatedHost } from '../../src/index.ts';
import { answer, request, TestClient, VERSION, words } from '../host/vfio-user/client.ts';
import { loadKoffi, NativeCalls } from '../../src/host/vfio-user/native-calls.ts';
import { LAMPS_FOLDER } from '../support/lamps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { builtCommand } from './built-command.ts';

// The built command in a process of its own, which signals end.

const WITHOUT_KOFFI = ['--import', resolve('test/support/without-koffi.mjs')];
const UUID = '11111111-3bd5-4edd-8b5b-0a3e6b3f0c01';
const LIMIT = { timeout: 60_000 };
/** What Linux calls a process of Node, which depends on its release. */
const NODE = readFileSync('/proc/self/comm', 'utf8').trim();

let folder: string;
let root: string;
let server: Server | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder, 'host');
});
afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
});

class Server {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  said = '';

  /** @param node options of Node */
  constructor(words_: readonly string[], node: readonly string[] = []) {
    const args = [...node, builtCommand, '-c', `sim://${root}`, 'sim', 'attach', ...words_];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text;
      });
    }
    this.#exit = once(this.#child, 'close');
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  says(text: string): Promise<boolean> {
    return vi.waitUntil(() => this.said.includes(text), LIMIT);
  }

  /** @returns its exit status, or the signal that ended it */
  async ended(): Promise<unknown> {
    const [code, signal] = await this.#exit;
    return signal ?? code;
  }

  end(signal: NodeJS.Signals): Promise<unknown> {
    this.#child.kill(signal);
    return this.ended();
  }
}

const sockets = (): string => join(root, 'run/virt-nodedev/vfio-user');
const socket = (): string => join(sockets(), `${UUID}.sock`);

/** A simulated host with one device of the kernel's samples. */
async function hostWith(type: string): Promise<Connection> {
  await initSimulatedHost(root, 'kernel-samples');
  const host = await connect(`sim://${root}`);
  const parent = type.replace(/-.*/u, '');
  await host.create(
    `<device><parent>${parent}_${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${UUID}</uuid></capability></device>`,
  );
  return host;
}

describe('without koffi', () => {
  it('a serial card is refused, and why and what to do is said', async () => {
    await hostWith('mtty-1');
    server = new Server([UUID], WITHOUT_KOFFI);
    expect(await server.ended()).toBe(1);
    expect(server.said).toContain("Cannot find package 'koffi'");
    expect(server.said).toContain('has interrupts, which take the package koffi to come to a VM');
    expect(server.said).toContain('hint: npm install koffi, beside virt-nodedev');
    expect(existsSync(socket())).toBe(false);
  });

  it.each(['mdpy-vga', 'mbochs-small'])('%s is served by what Node has', async (type) => {
    const host = await hostWith(type);
    server = new Server([UUID], WITHOUT_KOFFI);
    await server.says('attached at');
    const client = await TestClient.connect(socket());
    await client.ask(VERSION);
    const written = await client.ask(request(10, words(0x100, 0, 0, 4, 0x1234_5678)));
    expect(written.readUInt32LE(12)).toBe(0);
    const read = await client.ask(request(9, words(0x100, 0, 0, 4)));
    expect(read.readUInt32LE(32)).toBe(0x1234_5678);
    // Who connected cannot be asked for: the holder is the server.
    await expect(host.destroy(UUID)).rejects.toThrow(`in use by ${NODE}, pid ${server.pid}`);
    await client.close();
    expect(await server.end('SIGTERM')).toBe(0);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it.each([
    ['with koffi', []],
    ['without koffi', WITHOUT_KOFFI],
  ])('ends the command while a VM has the device open, %s', async (_, node) => {
    const host = await hostWith('mdpy-vga');
    server = new Server([UUID], node);
    await server.says('attached at');
    const client = await TestClient.connect(socket());
    await client.ask(VERSION);
    expect((await host.group(UUID)).open).toBe(true);
    expect(await server.end(signal)).toBe(0);
    await client.ended;
    expect(readdirSync(sockets())).toEqual([]);
    expect((await host.info(UUID)).socket).toBe(undefined);
    expect((await host.group(UUID)).open).toBe(false);
    await host.destroy(UUID);
  });
});

/** Makes a host from a profile with a driver of its own, and its device from XML, with the command alone. */
function lampsHost(profile: string): void {
  const command = (...args: readonly string[]) => {
    execFileSync(process.execPath, [builtCommand, ...args], { stdio: 'pipe' });
  };
  const file = join(folder, 'device.xml');
  writeFileSync(
    file,
    `<device><parent>pci_0000_05_00_0</parent><capability type='mdev'><type id='lamps-4'/><uuid>${UUID}</uuid></capability></device>`,
  );
  command('sim', 'init', root, '--profile', profile, '--allow-driver');
  command('-c', `sim://${root}`, 'create', file);
}

it("a driver of one's own serves its device: registers, the interrupt, and the memory of the guest", async () => {
  lampsHost(join(LAMPS_FOLDER, 'lamps.xml'));
  server = new Server([UUID]);
  await server.says('attached at');
  const client = await TestClient.connect(socket());
  await client.ask(VERSION);
  const read = async (offset: number) =>
    (await client.ask(request(9, words(offset, 0, 0, 4)))).readUInt32LE(32);
  const write = (offset: number, value: number) =>
    client.ask(request(10, words(offset, 0, 0, 4, value)));
  expect(await read(0)).toBe(4);

  // The descriptor of an eventfd goes with the message that connects the interrupt.
  const koffi = await loadKoffi();
  const eventfd = koffi.load(null).func('int eventfd(unsigned int value, int flags)');
  const event = Number(eventfd(0, 0o2004000));
  const hasSignalled = () => {
    try {
      return readSync(event, Buffer.alloc(8)) === 8;
    } catch {
      return false; // EAGAIN
    }
  };
  const connects = request(8, words(20, 0x24, 0, 0, 1));
  const handle: unknown = Reflect.get(client.socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null && Reflect.get(handle, 'fd');
  const calls = new NativeCalls(koffi);
  expect(calls.send(Number(fd), connects, event)).toBe(connects.length);
  expect((await client.next()).readUInt32LE(12)).toBe(0);
  expect(hasSignalled()).toBe(false);
  await write(4, 0x35);
  expect([hasSignalled(), await read(4)]).toEqual([true, 0x5]);

  const unmask = request(8, words(20, 0x11, 0, 0, 1));
  await client.ask(unmask);
  await client.ask(request(2, words(32, 1, 0, 0, 0x1_0000, 0, 0x2000, 0)));
  await write(8, 0x1_1004);
  const asked = await client.next();
  expect([asked.readUInt16LE(2), ...asked.subarray(16)]).toEqual([11, ...words(0x1_1004, 0, 1, 0)]);
  client.socket.write(answer(asked, Buffer.concat([asked.subarray(16), Buffer.from([0xfa])])));
  await vi.waitUntil(hasSignalled, LIMIT);
  expect(await read(4)).toBe(0xa);

  await client.ask(unmask);
  await write(8, 0x9_0000); // not mapped: the example puts all out
  await vi.waitUntil(hasSignalled, LIMIT);
  expect(await read(4)).toBe(0);
  calls.close(event);
  await client.close();
  expect(await server.end('SIGTERM')).toBe(0);
});

it("goes on when a driver of one's own leaves a promise that fails", async () => {
  const own = join(folder, 'drivers');
  cpSync(LAMPS_FOLDER, own, { recursive: true });
  const file = join(own, 'lamps.mjs');
  writeFileSync(file, readFileSync(file, 'utf8').replace('.catch(() => light(0))', ''));
  lampsHost(join(own, 'lamps.xml'));
  server = new Server([UUID]);
  await server.says('attached at');
  const client = await TestClient.connect(socket());
  await client.ask(VERSION);
  await client.ask(request(10, words(8, 0, 0, 4, 0x9_0000)));
  await server.says('warning: a promise failed, and nothing waited for it: EINVAL: pin:');
  expect((await client.ask(request(9, words(0, 0, 0, 4)))).readUInt32LE(32)).toBe(4);
  await client.close();
  expect(await server.end('SIGTERM')).toBe(0);
});
