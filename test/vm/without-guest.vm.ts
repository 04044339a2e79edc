import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Attachment, type Connection, initSimulatedHost } from '../../src/index.ts';
import { LAMPS_HOST, lampsDriver } from '../support/lamps.ts';
import { until } from './guest.ts';

// QEMU with devices and memory but no processor: this test makes the accesses (QEMU's docs, `-qtest`).

const QEMU = join(import.meta.dirname, 'qemu.sh');
const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-qtest-'));
const PCI_ADDRESS = 0xcf8;
const PCI_DATA = 0xcfc;

let host: Connection;
let attachment: Attachment;
let qemu: ChildProcess;
let answers: AsyncIterator<string>;
let lines: Interface;

beforeAll(async () => {
  host = await initSimulatedHost(join(folder, 'host'), LAMPS_HOST, { drivers: [lampsDriver] });
  await host.create(
    "<device><parent>pci_0000_05_00_0</parent><capability type='mdev'><type id='lamps-4'/></capability></device>",
  );
  const { items } = await host.list({ capabilities: ['mdev'] });
  attachment = await host.attach(items.map(({ name }) => name));
  const socket = { type: 'unix', path: attachment.devices[0]?.socket };
  const device = JSON.stringify({ driver: 'vfio-user-pci', addr: '4', socket });
  const machine = ['-machine', 'pc,accel=qtest', '-m', '64', '-display', 'none', '-nodefaults'];
  const words = [...machine, '-qtest', 'stdio', '-qtest-log', '/dev/null', '-device', device];
  const child = spawn(QEMU, words, { stdio: ['pipe', 'pipe', 'ignore'] });
  qemu = child;
  lines = createInterface(child.stdout);
  answers = lines[Symbol.asyncIterator]();
});

afterAll(async () => {
  const ended = once(qemu, 'exit');
  qemu.kill();
  await ended;
  lines.close();
  await attachment.detach();
  await host.close();
  rmSync(folder, { recursive: true });
});

/** One access; what is read. */
async function access(...words: readonly (string | number)[]): Promise<number> {
  qemu.stdin?.write(`${words.join(' ')}\n`);
  const { value } = await answers.next();
  expect(value).toMatch(/^OK/u);
  return Number(String(value).split(' ')[1] ?? 0);
}

/** Of the device's configuration space. */
async function config(offset: number, ...written: readonly number[]): Promise<number> {
  await access('outl', PCI_ADDRESS, 0x8000_2000 + offset);
  return written.length === 0 ? access('inl', PCI_DATA) : access('outl', PCI_DATA, ...written);
}

it("the device of one's own driver works in QEMU, and reads the VM's memory", async () => {
  const bar = 0xe000_0000;
  expect(await config(0)).toBe(0x0001_1af4);
  await config(0x10, 0xffff_ffff);
  expect(await config(0x10)).toBe(0xffff_fff0);
  await config(0x10, bar);
  await config(4, 0x6); // its memory, and that it may read the VM's
  expect(await access('readl', bar)).toBe(4);
  await access('writel', bar + 4, 0x35);
  expect(await access('readl', bar + 4)).toBe(0x5);
  await access('writeb', 0x5003, 0xfa);
  await access('writel', bar + 8, 0x5003);
  await until(async () => (await access('readl', bar + 4)) === 0xa);
  await access('writel', bar + 8, 0x7000_0000); // nothing is there
  await until(async () => (await access('readl', bar + 4)) === 0);
});
