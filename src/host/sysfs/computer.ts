import type { Capability, NodeDevice } from '../../nodedev/device.ts';
import { HostError } from '../host.ts';
import type { Tree } from '../tree.ts';
import { readIfAny } from './values.ts';

/** What the firmware says of the machine (Documentation/ABI/testing/sysfs-firmware-dmi-entries, drivers/firmware/dmi-id.c). */
export const DMI = '/sys/devices/virtual/dmi/id';

/** The host itself as a node device, from the files libvirt takes it from (src/node_device/node_device_udev.c). */
export function describeComputer(tree: Tree): NodeDevice {
  return { name: 'computer', devnodes: [], capabilities: system(tree), extra: [] };
}

/** None without a uuid: a machine without DMI has none, and only root may read it. */
function system(tree: Tree): readonly Capability[] {
  const value = (name: string) => readPermitted(tree, `${DMI}/${name}`);
  const uuid = value('product_uuid')?.toLowerCase();
  if (uuid === undefined) return [];
  return [
    {
      kind: 'system',
      product: value('product_name'),
      hardware: {
        vendor: value('sys_vendor'),
        version: value('product_version'),
        serial: value('product_serial'),
        uuid,
        extra: [],
      },
      firmware: {
        vendor: value('bios_vendor'),
        version: value('bios_version'),
        releaseDate: value('bios_date'),
        extra: [],
      },
      extra: [],
    },
  ];
}

function readPermitted(tree: Tree, path: string): string | undefined {
  try {
    return readIfAny(tree, path);
  } catch (error) {
    if (error instanceof HostError && error.errno === 'EACCES') return undefined;
    throw error;
  }
}
