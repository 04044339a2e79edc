import { NodedevError } from '../../src/errors.ts';
import type { ActiveDevice, DefinedDevice, HostPicture } from '../../src/policy/picture.ts';
import type { DomainRef } from '../../src/policy/domain-ref.ts';

export const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
export const UUID2 = '6a1c1c1c-5d5d-4b1b-9c9c-3e3e3e3e3e3e';

/** A small domain around `devices`; its first device is on line 5. */
export function domainXml(
  devices: string,
  { type = 'kvm', arch = 'x86_64', machine = '', os = '', name = 'vm' } = {},
): string {
  const header = `<domain type='${type}'>\n  <name>${name}</name>\n  <os><type arch='${arch}'${machine && ` machine='${machine}'`}>hvm</type>${os}</os>`;
  return `${header}\n  <devices>\n${devices.trim()}\n  </devices>\n</domain>\n`;
}

/** A well-written mediated hostdev on one line. */
export function mdev({
  uuid = UUID,
  model = 'vfio-pci',
  attributes = '',
  children = '',
}: {
  readonly uuid?: string;
  readonly model?: string;
  readonly attributes?: string;
  readonly children?: string;
} = {}): string {
  return `<hostdev mode='subsystem' type='mdev' model='${model}'${attributes && ` ${attributes}`}><source><address uuid='${uuid}'/></source>${children}</hostdev>`;
}

export function activeDevice(device: Partial<ActiveDevice> = {}): ActiveDevice {
  return {
    uuid: UUID,
    parent: '0000:86:00.0',
    type: 'nvidia-18',
    typeName: 'NVIDIA A40-2Q',
    deviceApi: 'vfio-pci',
    requiresGroup: false,
    holders: [],
    ...device,
  };
}

export function definedDevice(device: Partial<DefinedDevice> = {}): DefinedDevice {
  return { uuid: UUID, parent: '0000:86:00.0', type: 'nvidia-18', requiresGroup: false, ...device };
}

/** A host with these devices and definitions. */
export function hostView({
  active = [],
  defined = {},
  hasVfio = true,
  hasHook = false,
  claimed = {},
  functions = {},
}: {
  readonly active?: readonly ActiveDevice[];
  readonly defined?: Readonly<Record<string, readonly DefinedDevice[]>>;
  readonly hasVfio?: boolean;
  readonly hasHook?: boolean;
  /** Owners by group. */
  readonly claimed?: Readonly<Record<string, DomainRef>>;
  /** Devices by PCI function. */
  readonly functions?: Readonly<Record<string, readonly string[]>>;
} = {}): HostPicture {
  return {
    hasVfio,
    active: (uuid) => active.find((device) => device.uuid === uuid),
    defined: (uuid) => defined[uuid] ?? [],
    hasHook,
    group: (name) => ({
      name,
      members: active.filter((device) => device.group === name).map(({ uuid }) => uuid),
      holders: [],
      claimed: claimed[name],
    }),
    lackingRoom: () => [],
    hotplugRefusal: () => undefined,
    domainsNaming: () => [],
    devicesOn: (address) => functions[address] ?? [],
  };
}

/** The error `run` throws; fails the test when it throws nothing, or something else than a NodedevError. */
export function refusal(run: () => unknown): NodedevError {
  try {
    run();
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
