import type { DomainOutline } from '../../domain/domain-outline.ts';
import type { Host, HostDevice, HostParent } from '../../host/host.ts';
import { addressOf } from '../../nodedev/names.ts';
import type { Context } from '../context.ts';

/** The device that a function with this address is; undefined: it has no type, or is no such function. */
export function deviceOfFunction(host: Host, address: string): HostDevice | undefined {
  const parent = host.parent(address);
  return parent?.physicalFunction === undefined ? undefined : host.devices(parent).items[0];
}

/** The uuid of the device that a function with this address is, active or else defined. */
export function functionUuid({ host, definitions }: Context, address: string): string | undefined {
  if (host.parent(address)?.physicalFunction === undefined) return undefined;
  const active = deviceOfFunction(host, address);
  return active?.ref.uuid ?? definitions.refs().items.find((ref) => ref.parent === address)?.uuid;
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
