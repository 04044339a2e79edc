import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  connect,
  initSimulatedHost,
  type NodeDeviceManager,
  readSampleProfile,
} from '../../../src/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { eventsOf, hear, pause, uuidOf } from './support.ts';

const PAIRS = 1000;
const GPU = 'pci_0000_86_00_0';

const nameOf = (uuid: string): string => `mdev_${uuid.replaceAll('-', '_')}_0000_86_00_0`;
const xmlOf = (uuid: string, rest = ''): string =>
  `<device><parent>${GPU}</parent><capability type='mdev'><type id='nvidia-18'/><uuid>${uuid}</uuid>${rest}</capability></device>`;

async function managerOf(uri: string): Promise<NodeDeviceManager> {
  const manager = await connect(uri);
  onTestFinished(() => manager.close());
  return manager;
}

function simulatedHost(): string {
  const root = temporaryFolder();
  initSimulatedHost(root, readSampleProfile('nvidia-m60'));
  return root;
}

it('memory: 1,000 creates and removes', async () => {
  const manager = await managerOf('test:///default');
  const heard = await eventsOf(manager);
  const expected: string[] = [];
  for (let number = 0; number < PAIRS; number += 1) {
    const uuid = uuidOf(number);
    await manager.create(xmlOf(uuid));
    await manager.destroy(uuid);
    expected.push(`created ${nameOf(uuid)}`, `deleted ${nameOf(uuid)}`);
  }
  expect(await heard.until(expected.length)).toEqual(expected);
});

it('definitions by plain writes', async () => {
  const root = simulatedHost();
  const manager = await managerOf(`sim://${root}`);
  const events = await manager.events();
  expect(events.source).toBe('log');
  const heard = hear(events);
  const folder = join(root, 'etc/mdevctl.d/0000:86:00.0');
  const file = (n: number) => join(folder, uuidOf(n));
  const text = (start: string) =>
    JSON.stringify({ mdev_type: 'nvidia-18', start, attrs: [] }, null, 2);
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < 20; n += 1) {
    writeFileSync(file(n), '');
    await pause(n % 3);
    writeFileSync(file(n), text('manual'));
  }
  await heard.until(20);
  for (let n = 0; n < 20; n += 1) {
    writeFileSync(file(n), '');
    await pause(n % 3);
    writeFileSync(file(n), text('auto'));
  }
  await heard.until(40);
  for (let n = 0; n < 20; n += 1) rmSync(file(n));
  const got = await heard.until(60);
  expect(got.toSorted()).toEqual(
    ['defined', 'update', 'undefined']
      .flatMap((w) => Array.from({ length: 20 }, (_, n) => `${w} ${nameOf(uuidOf(n))}`))
      .toSorted(),
  );
});

it('live updates', async () => {
  const root = simulatedHost();
  const manager = await managerOf(`sim://${root}`);
  const other = await managerOf(`sim://${root}`);
  const heard = await eventsOf(manager);
  await other.create(xmlOf(uuidOf(1)));
  await heard.until(1);
  await other.update(uuidOf(1), xmlOf(uuidOf(1), '<params>disable_console_vnc=1</params>'));
  await heard.until(2);
  await other.destroy(uuidOf(1));
  await other.create(xmlOf(uuidOf(1)));
  console.log(await heard.until(4));
});
