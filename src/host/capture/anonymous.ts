import type { NodeDevice, SystemCapability } from '../../nodedev/device.ts';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** A text with other uuids: the same one in place of the same one. */
export function withoutUuids(text: string): string {
  const known = numbered((number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);
  return text.replaceAll(UUID, (uuid) => known(uuid.toLowerCase()));
}

/** The computer with other names and another serial number: the same one in place of the same one. */
export function anonymous(computer: NodeDevice): NodeDevice {
  const name = numbered((number) => `name-${number}`);
  const serial = numbered((number) => `serial-${number}`);
  const other = (text: string | undefined) => (text === undefined ? undefined : name(text));
  const system = (each: SystemCapability): SystemCapability => ({
    ...each,
    product: other(each.product),
    hardware: {
      ...each.hardware,
      vendor: other(each.hardware.vendor),
      version: other(each.hardware.version),
      serial: each.hardware.serial === undefined ? undefined : serial(each.hardware.serial),
    },
    firmware: each.firmware && {
      ...each.firmware,
      vendor: other(each.firmware.vendor),
      version: other(each.firmware.version),
    },
  });
  return {
    ...computer,
    capabilities: computer.capabilities.map((each) =>
      each.kind === 'system' ? system(each) : each,
    ),
  };
}

/** Gives every text the name of its number: 1 for the first, 2 for the next new one. */
function numbered(named: (number: number) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? named(known.size + 1);
    known.set(text, found);
    return found;
  };
}
