import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, type Connection, initSimulatedHost, NodedevError } from '../../../src/index.ts';
import { TestClient, VERSION } from '../../host/vfio-user/client.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What Linux calls a process of Node, which depends on its release. */
const NODE = readFileSync('/proc/self/comm', 'utf8').trim();
const UUIDS = ['11111111', '22222222'].map((start) => `${start}-3bd5-4edd-8b5b-0a3e6b3f0c01`);

const xml = (uuid: string, type = 'mdpy-vga'): string => {
  const parent = type.replace(/-.*/u, '');
  return `<device><parent>${parent}_${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${uuid}</uuid></capability></device>`;
};

let folder: string;
let host: Connection;

beforeEach(async () => {
  folder = temporaryFolder();
  await initSimulatedHost(join(folder, 'host'), 'kernel-samples');
  host = await connect(`sim://${folder}/host`);
});

const [first = '', second = ''] = UUIDS;
const sockets = (): string => join(folder, 'host/run/virt-nodedev/vfio-user');

async function refused(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof NodedevError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

it('a device is in use from when a client connects until it goes', async () => {
  await host.create([xml(first), xml(second, 'mbochs-small')]);
  await using attachment = await host.attach(UUIDS);
  expect(attachment.devices).toEqual([
    {
      name: `mdev_${first.replaceAll('-', '_')}_mdpy`,
      uuid: first,
      socket: `${sockets()}/${first}.sock`,
    },
    {
      name: `mdev_${second.replaceAll('-', '_')}_mbochs`,
      uuid: second,
      socket: `${sockets()}/${second}.sock`,
    },
  ]);
  expect((await host.info(first)).socket).toBe(`${sockets()}/${first}.sock`);
  expect(statSync(sockets()).mode & 0o777).toBe(0o700);
  const client = await TestClient.connect(`${sockets()}/${first}.sock`);
  await client.ask(VERSION);
  expect(await refused(host.destroy(first))).toContain(
    `device in use by ${NODE}, pid ${process.pid}`,
  );
  expect((await host.group(first)).open).toBe(true);
  expect(statSync(`${sockets()}/${first}.region0`).size).toBe(2 ** 21);
  await client.close();
  while ((await host.group(first)).open === true) await new Promise(setImmediate);
  await host.destroy(second);
  // A client of a device that is not there any more.
  await (await TestClient.connect(`${sockets()}/${second}.sock`)).ended;
  await attachment.detach();
  expect(readdirSync(sockets())).toEqual([]);
  expect((await host.info(first)).socket).toBe(undefined);
});

it('the VM of a process is called by its -name, and only its end stops it', async () => {
  await host.create(xml(first));
  await using attachment = await host.attach(first);
  const script = `require('net').connect(process.argv[1]).write(Buffer.from('${VERSION.toString('hex')}', 'hex'))`;
  const path = attachment.devices[0]?.socket ?? '';
  const vm = spawn(process.execPath, ['-e', script, '--', path, '-name', 'a,guest=vm,,9']);
  await vi.waitUntil(async () => (await host.group(first)).open === true, { timeout: 50_000 });
  expect((await host.group(first)).owner?.name).toBe('vm,9');
  expect(await refused(host.stopDomain('vm,9'))).toContain(
    `in-use: Unable to stop domain 'vm,9': a VM has its devices open, domain 'vm,9' (${NODE}, pid ${vm.pid ?? 0})`,
  );
  vm.kill();
  await vi.waitUntil(async () => (await host.group(first)).open !== true, { timeout: 50_000 });
});

it('is detached while a client has it open', async () => {
  await host.create(xml(first));
  const attachment = await host.attach(first);
  const client = await TestClient.connect(`${sockets()}/${first}.sock`);
  await client.ask(VERSION);
  await attachment.detach();
  await client.ended;
  await host.destroy(first);
  expect(readdirSync(sockets())).toEqual([]);
});

it('what a killed server left is cleared away', async () => {
  await host.create(xml(first));
  await (await host.attach(first)).detach();
  writeFileSync(`${sockets()}/${first}`, `999999999 ${sockets()}/${first}.sock\n`);
  writeFileSync(`${sockets()}/${first}.region0`, 'old');
  const left = createServer().listen(`${sockets()}/left`);
  await new Promise((resolve) => left.once('listening', resolve));
  symlinkSync('left', `${sockets()}/${first}.sock`);
  expect((await host.info(first)).socket).toBe(undefined);
  expect(await refused(host.attach(first))).toContain('is there already'); // a link, and no socket
  left.close();
});

describe('refused', () => {
  const long = 'x'.repeat(90);

  it.each<[string, () => Promise<unknown>, string]>([
    ['a device that is not there', () => host.attach(second), 'device-unknown'],
    [
      'one that is only defined',
      async () => {
        await host.define(xml(second));
        await host.attach(second);
      },
      'device-inactive',
    ],
    [
      'one of two that is served already',
      async () => {
        await host.create(xml(second));
        await using _ = await host.attach(second);
        await host.attach([first, second]);
      },
      `in-use: Device 'mdev_${second.replaceAll('-', '_')}_mdpy' is attached already, by process ${process.pid}`,
    ],
    [
      'a path that is too long',
      () => host.attach(first, { socketDir: join(folder, long) }),
      "attach-failed: the socket's path has",
    ],
    [
      'a folder where others write',
      () => {
        mkdirSync(join(folder, 'shared'));
        chmodSync(join(folder, 'shared'), 0o777);
        return host.attach(first, { socketDir: join(folder, 'shared') });
      },
      'others may write to it',
    ],
    [
      'a link to a folder',
      () => {
        symlinkSync('host', join(folder, 'link'));
        return host.attach(first, { socketDir: join(folder, 'link') });
      },
      'it is no directory',
    ],
    [
      'a file in the place of a socket',
      () => {
        mkdirSync(join(folder, 'own'));
        writeFileSync(join(folder, 'own', `${first}.sock`), '');
        return host.attach(first, { socketDir: join(folder, 'own') });
      },
      'is there already',
    ],
  ])('%s', async (_, call, message) => {
    await host.create(xml(first));
    expect(await refused(call())).toContain(message);
    expect((await host.info(first)).socket).toBe(undefined);
    await (await host.attach(first)).detach();
  });

  it('a host in memory, a real one, and a device of which only the files are simulated', async () => {
    const memory = await connect('test:///default');
    const { items } = await memory.list({ capabilities: ['mdev'] });
    expect(await refused(memory.attach(items[0]?.name ?? ''))).toContain(
      'attach-failed: the devices of a host in memory',
    );
    await initSimulatedHost(join(folder, 'm60'), 'nvidia-m60');
    const m60 = await connect(`sim://${folder}/m60`);
    const [type] = (await m60.types()).items;
    const { devices } = await m60.create(
      `<device><parent>${type?.parent ?? ''}</parent><capability type='mdev'><type id='${type?.id ?? ''}'/></capability></device>`,
    );
    expect(await refused(m60.attach(devices[0]?.name ?? ''))).toContain(
      'only what tools see of it',
    );
  });
});

/** A process with the name of a VM on its command line, as QEMU has it. It says whether it was let in, and ends with its input. */
const CLIENT = `
const socket = require('net').connect(process.argv[1], () => socket.write(Buffer.from(process.argv[2], 'hex')));
socket.on('data', () => console.log('in')).on('error', () => {}).on('close', () => process.exit(console.log('out')));
process.stdin.on('end', () => process.exit()).resume();
`;

/** Opens a socket as a VM, and what its process says first. */
async function open(socket: string, ...name: readonly string[]) {
  const args = ['-e', CLIENT, socket, VERSION.toString('hex'), ...name];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said]: unknown[] = await once(child.stdout, 'data');
  return { said: String(said).trim(), child };
}

it.each<
  [what: string, one: readonly string[], other: readonly string[], owner: string | undefined]
>([
  ['named', ['-name', 'guest=vm1'], ['-name', 'guest=vm2'], 'vm1'],
  ['unnamed and named', [], ['-name', 'guest=vm2'], undefined],
  ['unnamed', [], [], undefined],
])(
  'a group has one owner: what one VM has open, no other VM opens (%s)',
  async (_, one, two, owner) => {
    const grouped = (text: string) =>
      text.replace('</capability>', '<group>g</group></capability>');
    await host.create([xml(first), xml(second, 'mbochs-small')].map(grouped));
    await using attachment = await host.attach(UUIDS);
    const [socket = '', other = ''] = attachment.devices.map((device) => device.socket);
    const { said, child } = await open(socket, ...one);
    expect([said, (await open(other, ...two)).said]).toEqual(['in', 'out']);
    expect((await host.group('g')).owner?.name).toBe(owner);
    const again = owner === undefined ? undefined : await open(other, ...one);
    expect(again?.said).toBe(owner && 'in');
    again?.child.stdin.end();
    child.stdin.end();
    while ((await host.group('g')).open === true) await new Promise(setImmediate);
    const next = await open(other, ...two);
    expect(next.said).toBe('in');
    next.child.stdin.end();
  },
);

it('a VM without a name opens all devices of a group', async () => {
  const grouped = (text: string) => text.replace('</capability>', '<group>g</group></capability>');
  await host.create([xml(first), xml(second, 'mbochs-small')].map(grouped));
  await using attachment = await host.attach(UUIDS);
  const clients = [];
  for (const { socket } of attachment.devices) {
    const client = await TestClient.connect(socket);
    expect((await client.ask(VERSION)).length).toBe(20);
    clients.push(client);
  }
  for (const client of clients) await client.close();
});
