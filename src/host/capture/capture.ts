import type { CardType } from '../../drivers/driver.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { NamedValue, NodeDevice } from '../../nodedev/device.ts';
import { type Hardware, type Host, HostError, type HostParent, type Listing } from '../host.ts';
import { kernelRules } from '../simulated/kernel.ts';
import { KERNEL_RELEASE } from '../sysfs/paths.ts';
import { formatPciAddress } from '../sysfs/pci-address.ts';
import { anonymous, withoutUuids } from './anonymous.ts';
import { assemble, type HostCapture } from './assemble.ts';

export interface CaptureOptions {
  /** The profile's name. Default: `captured`. */
  readonly name?: string | undefined;
  /** Whether uuids, and the serial number and names of the computer, are replaced: the same by the same. */
  readonly anonymize?: boolean | undefined;
}

/** What is read of a host. */
type CapturedHost = Pick<
  Host,
  | 'kind'
  | 'parents'
  | 'hardware'
  | 'describeHardware'
  | 'describeComputer'
  | 'numaNodes'
  | 'card'
  | 'types'
  | 'devices'
  | 'details'
  | 'readAttribute'
  | 'facts'
>;

/** The release of its kernel without what a distribution adds, if a profile can name it. */
function kernelRelease(host: CapturedHost): string | undefined {
  const release = /^\d+\.\d+(?:\.\d+)?/u.exec(host.facts().read(KERNEL_RELEASE) ?? '')?.[0];
  return release === undefined || kernelRules(release) === undefined ? undefined : release;
}

/**
 * A host's hardware as a profile for a simulated one, without its mediated devices. Settings of cards cannot be read;
 * they are inferred from the kernel's counts. What is assumed or left out is a caveat.
 */
export function captureHost(
  host: CapturedHost,
  { name = 'captured', anonymize = false }: CaptureOptions = {},
): HostCapture {
  const caveats: string[] = [];
  const read = <T>({ items, unreadable }: Listing<T>): readonly T[] => {
    caveats.push(...unreadable.map(({ errno, path }) => `${path} cannot be read (${errno})`));
    return items;
  };
  const parents = read(host.parents());
  const byAddress = new Map(parents.map((parent) => [parent.address, parent]));
  const described = new Map(
    parents.map((parent) => [parent.address, host.describeHardware(parent)]),
  );
  const above = devicesAbove(read(host.hardware()), parents, [...described.values()]);
  const seen = new Set<string>();
  const cards = parents.flatMap((parent) => {
    if (seen.has(parent.address)) return [];
    const card = host.card(parent);
    const own = card.parents.flatMap((address) => byAddress.get(address) ?? []);
    for (const { address } of own) seen.add(address);
    const shown = own.map((each) => ({
      address: each.address,
      types: read(host.types(each)).map((type) => ({
        ...card.types.find(({ id }) => id === type.id),
        ...withFiles(host, each, type, caveats),
      })),
    }));
    return [{ card: { ...card, types: shown[0]?.types ?? [] }, parents: shown }];
  });
  const devices = host.devices().items.length;
  if (devices > 0)
    caveats.push(`The profile has no mediated devices: ${devices} of this host are not in it`);
  if (host.kind === 'sysfs' && cards.length > 0) {
    caveats.push(
      'Settings of a card cannot be read: where the counts do not show them, they are the defaults',
    );
  }
  const computer = host.describeComputer();
  const { profile, caveats: others } = assemble({
    name,
    kernel: kernelRelease(host),
    nodes: host.numaNodes(),
    devices: [
      anonymize ? anonymous(computer) : computer,
      ...above.map((device) => host.describeHardware(device)),
    ],
    cards,
    parents: described,
    seesDevices: true,
  });
  return {
    profile: anonymize ? withoutUuids(profile) : profile,
    caveats: [...caveats, ...others],
  };
}

/** The devices above parents and above their physical functions, those included. */
function devicesAbove(
  hardware: readonly Hardware[],
  parents: readonly HostParent[],
  described: readonly NodeDevice[],
): readonly Hardware[] {
  const physical = new Set(
    described
      .flatMap(({ capabilities }) => capabilities)
      .flatMap((one) => (one.kind === 'pci' ? one.capabilities : []))
      .flatMap((one) => (one.kind === 'phys_function' ? [formatPciAddress(one.address)] : [])),
  );
  const own = new Set(parents.map(({ path }) => path));
  const functions = hardware.filter(({ address }) => physical.has(address));
  const below = [...own, ...functions.map(({ path }) => path)];
  return hardware.filter(
    ({ address, path }) =>
      !own.has(path) &&
      (physical.has(address) || below.some((each) => each.startsWith(`${path}/`))),
  );
}

/** A type with the attribute files of a device of it, which an unknown driver has. */
function withFiles<T extends CardType>(
  host: CapturedHost,
  parent: HostParent,
  type: T,
  caveats: string[],
): T {
  if (host.kind !== 'sysfs' || driverForType(type.id) !== undefined) return type;
  const device = host.devices(parent).items.find((each) => each.type === type.id);
  if (device === undefined) return type;
  const attributes = host.details(device).attributes.flatMap((name): readonly NamedValue[] => {
    try {
      return [{ name, value: host.readAttribute(device, name) }];
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      caveats.push(`${type.id}: attribute ${name} of its devices cannot be read (${error.errno})`);
      return [];
    }
  });
  return attributes.length === 0 ? type : { ...type, attributes };
}
