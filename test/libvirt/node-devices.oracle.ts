import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatNodeDevice, type NodeDevice } from '../../src/index.ts';
import { debian, debianRoot } from './debian.ts';
import { type SampleDevice, sampleDevices } from './sample-hosts.ts';
import { schemaProblems } from './schema.ts';

/** In the release's root; its programs know it without that. */
const FOLDER = '/tmp/virt-nodedev';
const TIMEOUT = 120_000;

let readable: readonly SampleDevice[] = [];
let unreadable: readonly SampleDevice[] = [];

function write(name: string, text: string): string {
  writeFileSync(join(debianRoot(), FOLDER, name), text);
  return `${FOLDER}/${name}`;
}

/** A host of libvirt's test driver that consists of these devices. */
function node(name: string, devices: readonly SampleDevice[]): string {
  return write(name, `<node>\n${devices.map(({ text }) => text).join('')}</node>\n`);
}

/** libvirt prints a parent of the kernel's sample drivers in a form that neither it nor its schema reads. */
function isUnreadable({ device }: SampleDevice): boolean {
  return device.capabilities.some(({ kind }) => kind === 'mdev_types');
}

/** A device without what libvirt prints and does not read. */
function asReadByLibvirt(device: NodeDevice): NodeDevice {
  return {
    ...device,
    driver: undefined,
    capabilities: device.capabilities.map((capability) =>
      capability.kind === 'mdev' ? { ...capability, parentAddress: undefined } : capability,
    ),
  };
}

beforeAll(async () => {
  const folder = join(debianRoot(), FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const devices = await sampleDevices();
  readable = devices.filter((device) => !isUnreadable(device));
  unreadable = devices.filter(isUnreadable);
}, TIMEOUT);

afterAll(() => {
  const hosts = new Set(readable.map(({ profile }) => profile)).size;
  process.stdout.write(`${readable.length} node devices of ${hosts} sample hosts\n`);
});

it('finds devices of every kind in the sample hosts', () => {
  const kinds = new Set(readable.map(({ device }) => device.capabilities[0]?.kind));
  expect(kinds).toEqual(new Set(['ap_matrix', 'css', 'mdev', 'pci', 'system']));
  expect(readable.length).toBeGreaterThan(100);
});

it('what we print for libvirt, libvirt reads, and prints the same', () => {
  for (const profile of new Set(readable.map((device) => device.profile))) {
    const devices = readable.filter((device) => device.profile === profile);
    const script = devices.map(({ name }) => `nodedev-dumpxml ${name}`).join('; ');
    const file = node(`${profile}.xml`, devices);
    const printed = debian('virsh', '--quiet', '--connect', `test://${file}`, script);
    const expected = devices.map(({ device }) =>
      formatNodeDevice(asReadByLibvirt(device), { dialect: 'libvirt' }),
    );
    expect(printed.split(/(?<=^<\/device>\n)/m).map((text) => text.trim())).toEqual(
      expected.map((text) => text.trim()),
    );
  }
});

it("what we print for libvirt is valid by libvirt's schema", () => {
  const files = readable.map(({ profile, title, text }) => write(`${profile} ${title}.xml`, text));
  expect(schemaProblems('nodedev', files)).toBe('');
});

it('what libvirt prints and cannot read itself, we print all the same', () => {
  expect(unreadable.map(({ name }) => name)).toEqual(['mbochs_mbochs', 'mdpy_mdpy', 'mtty_mtty']);
  const file = node('unreadable.xml', unreadable);
  expect(() => debian('virsh', '--connect', `test://${file}`, 'nodedev-list')).toThrow(
    /unknown capability type '\d+' for 'mbochs_mbochs'/,
  );
});
