import type { NodeDevice, SystemCapability } from '../../nodedev/device.ts';
import { parseUuid } from '../../nodedev/uuid.ts';
import { file, type Tree } from '../tree.ts';
import { readIfAny } from './values.ts';

const DMI = '/sys/class/dmi/id';
const MACHINE_ID = '/etc/machine-id';

/**
 * The host itself, libvirt's `computer`, as SMBIOS describes it (kernel drivers/firmware/dmi-id.c). Serial number and
 * uuid are root's to read: for others the machine id is the uuid, as libvirt's `host_uuid_source` can have it; a host
 * that has neither is shown without its `system` capability.
 */
export function describeComputer(tree: Tree): NodeDevice {
  const read = (name: string): string | undefined => {
    try {
      return readIfAny(tree, `${DMI}/${name}`) || undefined;
    } catch {
      return undefined; // Not this user's to read, as the docstring says.
    }
  };
  const uuid = parseUuid(read('product_uuid') ?? readIfAny(tree, MACHINE_ID) ?? '');
  const system: SystemCapability | undefined =
    uuid === undefined
      ? undefined
      : {
          kind: 'system',
          product: read('product_name'),
          hardware: {
            vendor: read('sys_vendor'),
            version: read('product_version'),
            serial: read('product_serial'),
            uuid,
            extra: [],
          },
          firmware: {
            vendor: read('bios_vendor'),
            version: read('bios_version'),
            releaseDate: read('bios_date'),
            extra: [],
          },
          extra: [],
        };
  return {
    name: 'computer',
    devnodes: [],
    capabilities: system === undefined ? [] : [system],
    extra: [],
  };
}

/** Lays the SMBIOS files out from which {@link describeComputer} reads `system` again. */
export function plantComputer(tree: Tree, { product, hardware, firmware }: SystemCapability): void {
  tree.ensureDirectory(DMI);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['product_name', product],
    ['sys_vendor', hardware.vendor],
    ['product_version', hardware.version],
    ['product_serial', hardware.serial],
    ['product_uuid', hardware.uuid],
    ['bios_vendor', firmware?.vendor],
    ['bios_version', firmware?.version],
    ['bios_date', firmware?.releaseDate],
  ];
  for (const [name, value] of facts) {
    if (value !== undefined) tree.plant(`${DMI}/${name}`, file(`${value}\n`));
  }
}
