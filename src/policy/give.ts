import { driverForType, drivers } from '../drivers/registry.ts';
import { shortTypeName } from '../drivers/type-facts.ts';
import { groupBy } from '../group-by.ts';
import { mdevName } from '../nodedev/names.ts';
import { type DomainRef, isSameDomain } from './domain-ref.ts';
import * as ofFunction from './function-reasons.ts';
import { noHostdev, noHostdevOf } from './hostdev.ts';
import { groupOf, isAnothers, ownerLabel, ownerOf } from './owner.ts';
import type { NodeKind } from '../host/holder.ts';
import type { ActiveDevice, DefinedDevice, HostPicture, Rebinding } from './picture.ts';
import * as reasons from './reasons.ts';
import { type Reason, refused, type Verdict, verdict } from './verdict.ts';

/** A domain and everything of the host that it uses. */
export interface Usage {
  readonly domain: DomainRef;
  /** The process that opens the devices now; absent: none does yet, or it cannot be told which. */
  readonly pid?: number | undefined;
  /** Uuids of its mediated devices, in the domain's order. */
  readonly mdevs: readonly string[];
  /** Addresses of the PCI functions it gets as a whole: `0000:86:00.0`. */
  readonly functions: readonly string[];
  /** Those PCI functions, with types or without, that libvirt would bind to another driver for it; absent: none. */
  readonly rebinds?: readonly Rebinding[] | undefined;
  /** Those PCI functions that it opens by their own file, through iommufd, instead of their group's; absent: none. */
  readonly iommufd?: readonly string[] | undefined;
}

export interface GiveOptions {
  /** Whether devices that are only defined are started before the domain; default: what the host's hook does. */
  readonly startsDevices?: boolean | undefined;
}

/**
 * May a domain that does not run have these devices, all of them, when it starts? Every answer about a domain's devices is
 * this one: `validate`, the hook of libvirt, `sim start`, `hostdev --into`, plans.
 *
 * Codes: `device-inactive`, `device-ambiguous`, `parent-unknown`, `type-unknown`, `definition-invalid`, `device-unusable`,
 * `group-member`, `in-use`, `group-required`, `devices-mixed`, `no-instances`, `host-refused`, `function-in-use`, `function-rebound`; warnings:
 * `definition-mismatch`, `devices-mixed`
 */
export function mayGive(picture: HostPicture, usage: Usage, options: GiveOptions = {}): Verdict {
  const { mdevs, functions, rebinds = [], iommufd = [] } = usage;
  const startsDevices = options.startsDevices ?? picture.hasHook;
  const given = mdevs.map((uuid) => deviceOf(picture, uuid, { startsDevices, iommufd }));
  const there = given.flatMap(({ device }) => device ?? []);
  return verdict([
    ...given.flatMap((each) => each.reasons),
    ...there.flatMap((device) => ownedReasons(picture, usage, device)),
    ...groupReasons(usage.domain, there),
    ...vendorReasons(there),
    ...roomReasons(picture, there),
    ...functions.flatMap((address) => functionReasons(picture, address)),
    ...rebinds
      .filter(({ address }) => picture.functionType?.(address) !== undefined)
      .map((each) => ofFunction.functionTaken(each)),
  ]);
}

/** A device as the domain would get it. */
type GivenDevice = ActiveDevice | (DefinedDevice & { readonly type: string });

interface Found {
  readonly device?: GivenDevice;
  readonly reasons: readonly Reason[];
}

/** The device of this uuid when the domain starts, and what is wrong with it alone. */
function deviceOf(
  picture: HostPicture,
  uuid: string,
  {
    startsDevices,
    iommufd,
  }: { readonly startsDevices: boolean } & Required<Pick<Usage, 'iommufd'>>,
): Found {
  const active = picture.active(uuid);
  const defined = picture.defined(uuid);
  if (active !== undefined) {
    const opened = iommufd?.includes(active.parent) === true ? 'own' : 'group';
    return { device: active, reasons: activeReasons(active, defined, opened) };
  }
  const [only, ...more] = defined;
  if (only === undefined) return { reasons: [reasons.notFound(uuid)] };
  if (more.length > 0) {
    const parents = defined.map(({ parent, type }) => `${parent} (${type ?? 'unreadable'})`);
    return { reasons: [reasons.definedTwice(uuid, parents)] };
  }
  const { parent, type, obstacle } = only;
  const without = noHostdev(only);
  if (without !== undefined) return { reasons: [without] };
  if (!startsDevices) return { reasons: [reasons.onlyDefined(uuid, parent, type)] };
  if (obstacle !== undefined || type === undefined) {
    return { reasons: [reasons.cannotStart(uuid, parent, type, obstacle ?? 'unreadable')] };
  }
  const device = { ...only, type, requiresGroup: only.requiresGroup };
  return { device, reasons: changeReasons(only) };
}

function activeReasons(
  device: ActiveDevice,
  defined: readonly DefinedDevice[],
  opened: NodeKind,
): readonly Reason[] {
  const { uuid, parent, type, displaced } = device;
  const without = noHostdevOf(device);
  if (without !== undefined) return [without];
  const obstacle = device.obstacle?.(opened);
  if (obstacle !== undefined) return [reasons.cannotOpen(uuid, parent, obstacle, opened)];
  // A domain names the function only, and would get what happens to be on it.
  if (displaced?.type !== undefined && displaced.type !== type) {
    return [ofFunction.otherOnFunction(uuid, parent, type, { ...displaced, type: displaced.type })];
  }
  const definition = defined.find((each) => each.parent === parent);
  const saved = definition?.type;
  if (definition === undefined || saved === undefined) return [];
  if (saved === type) return changeReasons(definition);
  return [reasons.otherType(mdevName(uuid, parent), uuid, type, saved)];
}

const changeReasons = ({ uuid, parent, type = '', changes }: DefinedDevice): readonly Reason[] =>
  changes === undefined ? [] : [reasons.typeChanged(mdevName(uuid, parent), uuid, type, changes)];

/** Whether another domain owns a device, or anything but the domain has it open. */
function ownedReasons(
  picture: HostPicture,
  { domain, pid }: Usage,
  device: GivenDevice,
): readonly Reason[] {
  const { uuid, parent } = device;
  const name = mdevName(uuid, parent);
  const holders = 'holders' in device ? (device.holders ?? []) : [];
  const group = groupOf(picture, { uuid, group: device.group, holders });
  const owner = ownerOf(picture, group);
  // A claim does not take the group away from a domain that runs with it.
  const running = picture
    .domainsNaming(group.members)
    .find((other) => other.state === 'running' && !isSameDomain(other, domain));
  const other = owner !== undefined && isAnothers(owner, domain) ? owner : running;
  if (other !== undefined) {
    return [reasons.ofAnother(uuid, name, group.name, ownerLabel(other, domain))];
  }
  const others = holders.filter((holder) => holder.domain !== domain.name);
  if (others.length > 0) return [reasons.heldBy(uuid, name, others)];
  // Nor does it take it away from one that has another member open, and what is started does not join an open group.
  const opener = (group.holders ?? []).find((holder) => holder.domain !== domain.name)?.domain;
  if (opener !== undefined) return [reasons.ofAnother(uuid, name, group.name, opener)];
  // VMs without a name are told apart by their processes.
  const unnamed =
    pid !== undefined && group.holders?.find((one) => one.domain === undefined && one.pid !== pid);
  return unnamed ? [reasons.openInGroup(uuid, name, group.name, unnamed)] : [];
}

/** Devices of one VM are in one group where their card asks for it. */
function groupReasons(domain: DomainRef, devices: readonly GivenDevice[]): readonly Reason[] {
  if (devices.length < 2) return [];
  const needing = devices.filter(({ requiresGroup }) => requiresGroup);
  const nameOf = ({ group, uuid }: GivenDevice): string => group ?? uuid;
  const [first] = needing;
  const other = first && needing.find((device) => nameOf(device) !== nameOf(first));
  if (other === undefined) return [];
  const groups = [...new Set(needing.map(nameOf))].toSorted();
  return [reasons.groupsDiffer(domain.name, other.uuid, groups)];
}

/** What the vendors' drivers say of several devices in one VM. */
export function vendorReasons(
  devices: readonly Pick<GivenDevice, 'uuid' | 'type' | 'typeName'>[],
): readonly Reason[] {
  if (devices.length < 2) return [];
  const byDriver = groupBy(devices, ({ type }) => driverForType(type));
  return drivers.flatMap((driver) => {
    const own = (byDriver.get(driver) ?? []).map(({ uuid, type, typeName }) => {
      return { uuid, id: type, name: typeName };
    });
    return (driver.vmRules ?? []).flatMap(({ severity, conflicts }) =>
      conflicts(own).flatMap(({ device, other, why, hint }) => {
        const [one, first] = [own[device], own[other]];
        if (one === undefined || first === undefined) return [];
        const names = `${shortTypeName(one)} and ${shortTypeName(first)}`;
        const verb = severity === 'error' ? 'do not' : 'may not';
        return [
          {
            ...refused('devices-mixed', `${names} ${verb} go into one VM: ${why}`, hint, {
              about: one.uuid,
              driver: driver.name,
              inTheWay: [first.uuid],
            }),
            severity,
          },
        ];
      }),
    );
  });
}

/** Whether the devices that are started before the domain have room, and what their attributes take. */
function roomReasons(picture: HostPicture, devices: readonly GivenDevice[]): readonly Reason[] {
  const starting = devices.filter((device) => !('holders' in device));
  if (starting.length === 0) return [];
  const lacking = new Set(picture.lackingRoom(starting));
  return [
    ...starting
      .filter(({ uuid }) => lacking.has(uuid))
      .map(({ uuid, parent, type }) => reasons.noRoom(uuid, parent, type)),
    ...(picture.startReasons?.(starting.filter(({ uuid }) => !lacking.has(uuid))) ?? []),
  ];
}

/** libvirt unbinds a whole PCI function from its driver, and its mediated devices go with the driver. */
function functionReasons(picture: HostPicture, address: string): readonly Reason[] {
  const type = picture.functionType?.(address);
  if (type === 'none') return [ofFunction.functionWithoutType(address)];
  if (type === 'rebound') return [ofFunction.functionRebound(address)];
  const absent = type === undefined ? picture.absentFunction?.(address) : undefined;
  if (absent !== undefined) return [ofFunction.functionAbsent(absent)];
  const devices = picture.devicesOn(address);
  return devices.length === 0 ? [] : [ofFunction.functionWithDevices(address, devices)];
}
