import { readFileSync } from 'node:fs';
import { connect, type Connection, type Topology } from '../../src/index.ts';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const uuidOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A connection to a new simulated host whose devices have uuids counted from 1. */
export function newHost(folder: string, profile: string): Promise<Connection> {
  makeSimulatedHost(folder, profile);
  let number = 0;
  return connect(`sim://${folder}`, { newUuid: () => uuidOf(++number) });
}

/** A document of devices of these types on one parent, all of one group. */
export function devicesXml(parent: string, types: readonly string[], group?: string): string {
  const named = group === undefined ? '' : `<group>${group}</group>`;
  const offered = types.map((id) => `<type id='${id}'/>`).join('');
  return `<device><parent>${parent}</parent><capability type='mdev'>${offered}${named}</capability></device>`;
}

/** The M60's two GPUs with two groups, of which one is a domain's, and a definition. */
export async function twoGroups(folder: string): Promise<Connection> {
  const host = await newHost(folder, readSampleProfile('nvidia-m60'));
  await host.create(devicesXml('pci_0000_86_00_0', ['nvidia-18', 'nvidia-18'], 'desktop'));
  await host.create(devicesXml('pci_0000_87_00_0', ['nvidia-11'], 'kiosk'));
  await host.define(devicesXml('pci_0000_87_00_0', ['nvidia-12']));
  await host.claim('desktop', { name: 'workstation' });
  return host;
}

/** An A40 of 32 virtual functions, some with a device. */
export async function virtualFunctions(folder: string): Promise<Connection> {
  const host = await newHost(folder, readSampleProfile('nvidia-a40'));
  await host.create([
    devicesXml('pci_0000_41_00_4', ['nvidia-563'], 'render'),
    devicesXml('pci_0000_41_00_5', ['nvidia-563'], 'render'),
  ]);
  await host.claim('render', { name: 'maya-1' });
  await host.create(devicesXml('pci_0000_41_01_0', ['nvidia-573']));
  return host;
}

/** Two vGPUs of one group, which a domain has: the README's host. */
export async function demo(folder: string): Promise<Connection> {
  const host = await newHost(folder, readSampleProfile('nvidia-m60'));
  await host.create(
    ['vgpu.xml', 'vgpu-second.xml'].map((name) => readFileSync(`samples/${name}`, 'utf8')),
  );
  await host.claim('group1', { name: 'workstation' });
  return host;
}

const CARDS = 64;
const TYPES = 20;

const nameOfCard = (index: number): string => `pci_0000_${hex(0x10 + index)}_00_0`;

const hex = (number: number): string => number.toString(16).padStart(2, '0');

/** 64 GPUs of 20 types each. */
export function manyCards(): string {
  const types = readSampleProfile('nvidia-a40').match(/<type id.*?<\/type>/gsu) ?? [];
  const cards = Array.from({ length: CARDS }, (_, index) => {
    const bus = 0x10 + index;
    return `<card driver='nvidia' types='t'><device><name>${nameOfCard(index)}</name>
      <path>/sys/devices/pci0000:00/0000:${hex(bus)}:00.0</path><parent>computer</parent>
      <capability type='pci'><class>0x030200</class><domain>0</domain><bus>${bus}</bus><slot>0</slot>
      <function>0</function><product id='0x2235'>GA102GL [A40]</product>
      <vendor id='0x10de'>NVIDIA Corporation</vendor><numa node='${index % 4}'/></capability></device></card>`;
  });
  const list = `<types name='t'>${types.slice(0, TYPES).join('')}</types>`;
  return `<host><name>many</name>${list}${cards.join('')}</host>`;
}

/** What the devices of busy cards are of. */
const MIX = [
  ['nvidia-555', 'nvidia-557', 'nvidia-557'],
  ['nvidia-558'],
  ['nvidia-563', 'nvidia-563'],
  ['nvidia-566'],
  ['nvidia-562', 'nvidia-562', 'nvidia-572', 'nvidia-572'],
];

/** 64 GPUs, three of four in use, for 24 domains and some for nobody yet. */
export async function busyCards(folder: string): Promise<Connection> {
  const host = await newHost(folder, manyCards());
  for (let index = 0; index < CARDS; index++) {
    if (index % 4 === 3) continue;
    const group = index % 8 === 1 ? undefined : `vm${index % 32}`;
    const types = MIX[index % MIX.length] ?? [];
    await host.create(devicesXml(nameOfCard(index), types, group));
  }
  for (const { name } of await host.groups()) {
    const number = /^vm(\d+)$/u.exec(name)?.[1];
    if (number !== undefined && Number(number) < 26) {
      await host.claim(name, { name: `desktop-${number}.example.org` });
    }
  }
  return host;
}

type Make = (folder: string) => Promise<Connection>;

const known = new Map<Make, Promise<Topology>>();

/** The topology of a new host, made once; its folder stands as DIR. */
export function read(make: Make): Promise<Topology> {
  const topology = known.get(make) ?? readNew(make);
  known.set(make, topology);
  return topology;
}

async function readNew(make: Make): Promise<Topology> {
  const folder = temporaryFolder({ inMemory: true });
  const host = await make(`${folder}/host`);
  const topology = await host.topology();
  await host.close();
  return { ...topology, uri: topology.uri.replace(folder, '/DIR') };
}
