import type { DomainOutline } from '../../domain/domain-outline.ts';
import {
  type Hardware,
  type Host,
  type HostDevice,
  type HostParent,
  takesType,
} from '../../host/host.ts';
import { formatPciAddress } from '../../host/sysfs/pci-address.ts';
import { addressOf, nodeDeviceName } from '../../nodedev/names.ts';
import type { AbsentFunction } from '../../policy/picture.ts';
import type { Context } from '../context.ts';
import { offCardOf, offCards } from '../setup/off-cards.ts';
import { knownDevice } from './inventory.ts';

/** The device that a function with this address is; undefined: it has no type, or is no such function. */
export function deviceOfFunction(host: Host, address: string): HostDevice | undefined {
  const parent = host.parent(address);
  return parent !== undefined && takesType(parent) ? host.devices(parent).items[0] : undefined;
}

/** Whether there is a function with this address that takes a type. */
export function isTypedFunction(host: Host, address: string): boolean {
  const parent = host.parent(address);
  return parent !== undefined && takesType(parent);
}

/** The sysfs name of a virtual function's physical one; undefined for what is none. */
export function physicalFunctionOf(host: Host, device: Hardware): string | undefined {
  const pci = host.describeHardware(device).capabilities.find(({ kind }) => kind === 'pci');
  const parts = pci?.kind === 'pci' ? pci.capabilities : [];
  const physical = parts.find((part) => part.kind === 'phys_function');
  return physical && formatPciAddress(physical.address);
}

/** The uuid of the device that a function with this address is, active or else defined. */
export function functionUuid({ host, definitions }: Context, address: string): string | undefined {
  if (!isTypedFunction(host, address)) return undefined;
  const active = deviceOfFunction(host, address);
  return active?.ref.uuid ?? definitions.refs().items.find((ref) => ref.parent === address)?.uuid;
}

/** Whether a PCI function can have no type because it is not bound to its GPU's driver; those beside it are, or were. */
export function isRebound(context: Context, address: string): boolean {
  const { host, definitions } = context;
  if (host.parent(address) !== undefined || !host.hasDevice(address)) return false;
  const device = host.hardware().items.find((one) => one.address === address);
  const physical = device && physicalFunctionOf(host, device);
  if (physical === undefined) return false;
  return (
    functionsOf(host, physical).length > 0 ||
    definitions
      .refs()
      .items.some(
        (ref) =>
          ref.parent === address &&
          knownDevice(context, ref)?.definition?.definition.isFunction === true,
      )
  );
}

/** A PCI function that is not on the host; undefined: it is there. Only then the host's cards are looked through. */
export function absentFunction(host: Host, address: string): AbsentFunction | undefined {
  if (host.hasDevice(address)) return undefined;
  const card = offCardOf(offCards(host), address);
  if (card === undefined) return { address };
  const turnOn = card.driver.setup?.command(card.address, { do: 'functions', on: true });
  const command = turnOn && [turnOn.program, ...turnOn.args].join(' ');
  return { address, off: { name: nodeDeviceName('pci', card.address), command } };
}

/** The definition of another device on the function that an active device is; undefined: there is none. */
export function displacedBy(
  context: Context,
  { ref: { parent, uuid } }: HostDevice,
): { readonly uuid: string; readonly type: string | undefined } | undefined {
  if (!isTypedFunction(context.host, parent)) return undefined;
  const other = context.definitions
    .refs()
    .items.find((ref) => ref.parent === parent && ref.uuid !== uuid);
  const definition = other && knownDevice(context, other)?.definition;
  return other && { uuid: other.uuid, type: definition?.definition.type };
}

/** What a domain uses, with its functions that are devices among those. A domain names a function by its address. */
export function withFunctions<T extends Pick<DomainOutline, 'mdevs' | 'functions'>>(
  domain: T,
  uuidOf: (address: string) => string | undefined,
): T {
  if (domain.functions.length === 0) return domain;
  const uuids = domain.functions.flatMap((address) => uuidOf(address) ?? []);
  const functions = domain.functions.filter((address) => uuidOf(address) === undefined);
  return { ...domain, mdevs: [...domain.mdevs, ...uuids], functions };
}

/** The functions of a physical one, by its node device name or sysfs name; none when it has none that take a type. */
export function functionsOf(host: Host, name: string): readonly HostParent[] {
  const address = addressOf(name);
  return host.parents().items.filter(({ physicalFunction }) => physicalFunction === address);
}
