import {
  connect,
  type NodeDevice,
  type NodeDeviceManager,
  sampleProfiles,
} from '../../src/index.ts';
import { createMemoryHost } from '../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { diskHost } from '../host/support/hosts.ts';

/** A node device of one of our sample hosts and what we print of it for libvirt. */
export interface SampleDevice {
  readonly profile: string;
  /** `name (inactive)` for a definition. */
  readonly title: string;
  readonly name: string;
  readonly text: string;
  readonly device: NodeDevice;
}

/** The profiles of hosts that libvirt knows: it has no devices for functions that take a type. */
export const libvirtsProfiles = sampleProfiles().filter((name) =>
  createMemoryHost(readSampleProfile(name))
    .parents()
    .items.every(({ framework }) => framework === 'mdev'),
);

/** Every node device of every such host, with mediated devices of all types that fit, active and defined. */
export async function sampleDevices(): Promise<readonly SampleDevice[]> {
  const lists = [];
  for (const profile of libvirtsProfiles) lists.push(await devicesOf(profile));
  return lists.flat();
}

async function devicesOf(profile: string): Promise<readonly SampleDevice[]> {
  const { host, dispose } = diskHost(profile);
  try {
    const manager = await connect(`sim://${host.root}`);
    try {
      const defined = await fill(manager);
      const { items } = await manager.list();
      return [
        ...(await Promise.all(items.map(({ name }) => describe(manager, profile, name, false)))),
        ...(await Promise.all(defined.map((name) => describe(manager, profile, name, true)))),
      ];
    } finally {
      await manager.close();
    }
  } finally {
    dispose();
  }
}

async function describe(
  manager: NodeDeviceManager,
  profile: string,
  name: string,
  inactive: boolean,
): Promise<SampleDevice> {
  const text = await manager.dumpxml(name, { dialect: 'libvirt', inactive });
  const device = await manager.lookup(name, { inactive });
  return { profile, title: inactive ? `${name} (inactive)` : name, name, text, device };
}

/** Defines a device of each type, and creates one as long as there is room, each on a parent that has the type. */
export async function fill(manager: NodeDeviceManager): Promise<readonly string[]> {
  const { items: types } = await manager.types();
  const defined: string[] = [];
  for (const { id, parent } of new Map(types.map((type) => [type.id, type])).values()) {
    const document = mdevDocument(parent, id);
    const [device] = await manager.define(document);
    if (device !== undefined) defined.push(device.name);
    const { items: now } = await manager.types();
    const free = now.find((type) => type.id === id && type.availableInstances > 0);
    if (free !== undefined) await manager.create(mdevDocument(free.parent, id));
  }
  return defined;
}

function mdevDocument(parent: string, type: string): string {
  const attributes = type.startsWith('vfio_ap')
    ? "<attr name='assign_adapter' value='5'/><attr name='assign_domain' value='0xab'/>"
    : '';
  return `<device><parent>${parent}</parent>
<capability type='mdev'><type id='${type}'/>${attributes}</capability></device>`;
}
