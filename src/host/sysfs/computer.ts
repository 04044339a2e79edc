import type { Capability, NodeDevice } from '../../nodedev/device.ts';
import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { readIfAny } from './values.ts';

/** The firmware's facts about the machine (Documentation/ABI/testing/sysfs-firmware-dmi-entries, drivers/firmware/dmi-id.c). */
export const DMI = '/sys/devices/virtual/dmi/id';

/** The host itself as a node device, from the same files as libvirt (src/node_device/node_device_udev.c). */
export function describeComputer(tree: Tree): NodeDevice {
  return { name: 'computer', devnodes: [], capabilities: [system(tree)], extra: [] };
}

/** libvirt's uuid for a machine whose own uuid is not known: it has no DMI, or only root may read it. */
const UNKNOWN_UUID = '00000000-0000-0000-0000-000000000000';

function system(tree: Tree): Capability {
  const value = (name: string) => readPermitted(tree, `${DMI}/${name}`);
  return {
    kind: 'system',
    product: value('product_name'),
    hardware: {
      vendor: value('sys_vendor'),
      version: value('product_version'),
      serial: value('product_serial'),
      uuid: value('product_uuid')?.toLowerCase() ?? UNKNOWN_UUID,
      extra: [],
    },
    firmware: {
      vendor: value('bios_vendor'),
      version: value('bios_version'),
      releaseDate: value('bios_date'),
      extra: [],
    },
    extra: [],
  };
}

function readPermitted(tree: Tree, path: string): string | undefined {
  try {
    return readIfAny(tree, path);
  } catch (error) {
    if (error instanceof HostError && error.errno === 'EACCES') return undefined;
    throw error;
  }
}
