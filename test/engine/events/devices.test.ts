import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildProgram } from '../../support/build-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { hear, heardOf, managerOf, simulatedHost, uuidOf } from './support.ts';

const GPU = 'pci_0000_86_00_0';

const nameOf = (number: number): string =>
  `mdev_${uuidOf(number).replaceAll('-', '_')}_0000_86_00_0`;

const xmlOf = (number: number, rest = ''): string =>
  `<device><parent>${GPU}</parent><capability type='mdev'><type id='nvidia-18'/>
   <uuid>${uuidOf(number)}</uuid>${rest}</capability></device>`;

const PARAMS = '<params>disable_console_vnc=1</params>';

/** Makes 1,000 changes: creates and removes 500 devices, one after the other. */
const PROGRAM = `
  import { openSimulatedHost } from ${JSON.stringify(join(process.cwd(), 'src/host/simulated/open.ts'))};
  const host = openSimulatedHost(process.argv[2]);
  const parent = host.parent('mtty');
  for (let number = 0; number < 500; number += 1) {
    const uuid = '00000000-1111-4222-8333-' + String(number).padStart(12, '0');
    host.create(parent, 'mtty-1', uuid);
    host.remove(host.find(uuid));
  }
`;

it('of 1,000 creates and removes by another process, none is lost or reported twice', async () => {
  const program = await buildProgram(temporaryFolder(), PROGRAM);
  const root = simulatedHost('kernel-samples');
  const events = await (await managerOf(`sim://${root}`)).events();
  expect(events.source).toBe('log');
  const heard = hear(events);
  const child = spawn(process.execPath, [program, root], { stdio: 'inherit' });
  expect(await once(child, 'close')).toEqual([0, null]);
  const expected = Array.from({ length: 500 }, (_, number) => {
    const name = `mdev_${uuidOf(number).replaceAll('-', '_')}_mtty`;
    return [`created ${name}`, `deleted ${name}`];
  }).flat();
  expect(await heard.lines(expected.length)).toEqual(expected);
}, 60_000);

it('of 1,000 creates and removes in memory, none is lost or reported twice', async () => {
  const manager = await managerOf('test:///default');
  const events = await manager.events();
  expect(events.source).toBe('memory');
  const heard = hear(events);
  const expected: string[] = [];
  for (let first = 0; first < 500; first += 4) {
    const numbers = [first, first + 1, first + 2, first + 3];
    await manager.create(numbers.map((number) => xmlOf(number)));
    await manager.destroy(numbers.map(uuidOf));
    for (const word of ['created', 'deleted']) {
      expected.push(...numbers.map((number) => `${word} ${nameOf(number)}`));
    }
  }
  expect(await heard.lines(expected.length)).toEqual(expected);
});

it.each([
  ['in memory', () => 'test:///default'],
  ['on disk', () => `sim://${simulatedHost()}`],
])('the life of a device is told in order, %s', async (_, uriOf) => {
  const manager = await managerOf(uriOf());
  const heard = await heardOf(manager);
  const uuid = uuidOf(1);
  const expected: string[] = [];
  const step = async (line: string, doing: Promise<unknown>): Promise<void> => {
    await doing;
    expected.push(`${line} ${nameOf(1)}`);
    expect(await heard.lines(expected.length)).toEqual(expected);
  };
  await step('defined', manager.define(xmlOf(1)));
  await step('update', manager.autostart(uuid, true));
  await step('created', manager.start(uuid));
  await step('update', manager.update(uuid, xmlOf(1, PARAMS), { live: true }));
  await step('update', manager.update(uuid, xmlOf(1, PARAMS), { config: true }));
  await step('deleted', manager.destroy(uuid));
  await step('undefined', manager.undefine(uuid));
});

it('reports a live update to another connection, and a device that was created again as a new one', async () => {
  const root = simulatedHost();
  const heard = await heardOf(await managerOf(`sim://${root}`));
  const other = await managerOf(`sim://${root}`);
  await other.create(xmlOf(1));
  await heard.lines(1);
  await other.update(uuidOf(1), xmlOf(1, PARAMS));
  await heard.lines(2);
  await other.destroy(uuidOf(1));
  await other.create(xmlOf(1));
  expect(await heard.lines(4)).toEqual(
    ['created', 'update', 'deleted', 'created'].map((line) => `${line} ${nameOf(1)}`),
  );
});

it('reports only the given device and kinds', async () => {
  const manager = await managerOf('test:///default');
  await manager.define(xmlOf(1));
  const updates = await heardOf(manager, { device: uuidOf(1), kinds: ['update'] });
  const lifecycle = await heardOf(manager, { device: nameOf(1), kinds: ['lifecycle'] });
  await manager.create(xmlOf(2));
  await manager.start(uuidOf(1));
  await manager.autostart(uuidOf(1), true);
  expect(await updates.lines(1)).toEqual([`update ${nameOf(1)}`]);
  expect(await lifecycle.lines(1)).toEqual([`created ${nameOf(1)}`]);
  await expect(manager.events({ device: 'nothing' })).rejects.toMatchObject({
    code: 'device-unknown',
  });
});

it('ends with its signal, when the reader leaves, and when the connection is closed', async () => {
  const manager = await managerOf('test:///default');
  const stop = new AbortController();
  const stopped = await manager.events({ signal: stop.signal });
  const left = await manager.events();
  const closed = await manager.events();
  await manager.create(xmlOf(1));
  await manager.destroy(uuidOf(1));
  stop.abort();
  const lines: string[] = [];
  for await (const event of stopped) lines.push(event.name); // what came before the end is still told
  for await (const event of left) {
    lines.push(event.name);
    break;
  }
  await manager.close();
  for await (const event of closed) lines.push(event.name);
  expect(lines).toEqual(Array.from({ length: 5 }, () => nameOf(1)));
  for (const kinds of [undefined, ['lifecycle'] as const]) {
    await expect(manager.events({ kinds })).rejects.toMatchObject({ code: 'connection-closed' });
  }
  expect(await left[Symbol.asyncIterator]().next()).toMatchObject({ done: false });
});
