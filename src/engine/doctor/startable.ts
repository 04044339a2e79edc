import type { DoctorCode } from '../../codes.ts';
import type { Issue } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import type { Host, HostDevice } from '../../host/host.ts';
import { mdevName } from '../../nodedev/names.ts';
import { noHostdev } from '../../policy/hostdev.ts';
import { mayDefine, takesResources } from '../../policy/resources.ts';
import type { Reason } from '../../policy/verdict.ts';
import { cannotOpen, otherType, typeChanged } from '../../policy/reasons.ts';
import { bootOvercommit, neverStarts } from '../devices/boot-room.ts';
import { changedFacts } from '../devices/guest-facts.ts';
import { listCards } from '../devices/cards.ts';
import { deviceName, functionChange, nameOf } from '../devices/inventory.ts';
import { changedBy } from '../wording/messages.ts';
import { named, type ResourceView, sharedCard, stateFiles } from '../devices/resources.ts';
import type { ExaminedHost } from './examined-host.ts';
import { finding } from './findings.ts';

/** Devices no VM can open, and such that are not of the type they are defined with. */
export function checkDevices({ host, devices, definitions }: ExaminedHost): readonly Issue[] {
  const types = new Map(definitions.items.map((item) => [nameOf(item), item.definition.type]));
  return devices.items.flatMap((device): readonly Issue[] => {
    const { uuid, parent } = device.ref;
    const name = mdevName(uuid, parent);
    const unusable = cannotBeOpened(host, device);
    if (unusable.length > 0) {
      return unusable.map(({ message, hint }) =>
        finding('doctor-device-unusable', message, { hint }),
      );
    }
    const defined = types.get(name);
    if (defined === undefined || defined === device.type) return [];
    const { message, hint } = otherType(name, uuid, device.type, defined);
    return [finding('doctor-type-differs', message, { hint })];
  });
}

/** What is wrong with each of the files by which a device can be opened. That one kind is missing keeps nobody out but libvirt. */
function cannotBeOpened(host: Host, device: HostDevice): readonly Reason[] {
  const { uuid, parent: address, framework } = device.ref;
  const parent = host.parent(address);
  if (parent === undefined) return [cannotOpen(uuid, address, 'parent-gone')];
  const group = host.openObstacle(device, 'group');
  // A device of another class is for no VM, and has none of these files.
  const deviceApi = host.type(parent, device.type)?.deviceApi;
  const isUnbound = group === 'no-driver';
  if (!isUnbound && noHostdev({ uuid, parent: address, deviceApi }) !== undefined) return [];
  const own = host.openObstacle(device, 'own');
  // libvirt has iommufd for PCI functions only.
  const isByGroup = group !== 'own-only' || framework === 'mdev';
  const reasons = isByGroup && group !== undefined ? [cannotOpen(uuid, address, group)] : [];
  return own === 'node-mode' || own === 'node-owner'
    ? [...reasons, cannotOpen(uuid, address, own, 'own')]
    : reasons;
}

/** Functions that another program gave another type, or took it. */
export function checkFunctions({ host, records }: ExaminedHost): readonly Issue[] {
  return records.active.flatMap((record) => {
    const change = functionChange(host, record);
    if (change === undefined) return [];
    const { uuid, parent, type } = record;
    const now = change.now === undefined ? 'has no type now' : `is ${change.now} now`;
    const message = `${mdevName(uuid, parent)}: its function was given ${type}, and ${now}`;
    return [finding('doctor-function-changed', message, { hint: changedBy(parent, change.now) })];
  });
}

/** Definitions of types that guests see otherwise now. */
export function checkTypesAgain({ host, definitions, records }: ExaminedHost): readonly Issue[] {
  const types = new Map(definitions.items.map((item) => [nameOf(item), item.definition.type]));
  return records.definitions.flatMap((saved) => {
    const { uuid, parent } = saved;
    const name = mdevName(uuid, parent);
    const type = types.get(name);
    const changes = changedFacts({ host }, saved, type);
    if (type === undefined || changes === undefined) return [];
    const { message, hint } = typeChanged(name, uuid, type, changes);
    return [finding('doctor-type-changed', message, { hint })];
  });
}

/** libvirt takes one domain of a uuid. */
export function checkDomainUuids({ domains: { domains } }: ExaminedHost): readonly Issue[] {
  const defined = domains.filter(({ state, uuid }) => state === 'defined' && uuid !== undefined);
  return [...groupBy(defined, ({ uuid }) => uuid)].flatMap(([uuid, [first, ...copies]]) =>
    copies
      .filter(({ name }) => name !== first?.name)
      .map(({ name, file }) =>
        finding(
          'doctor-domain-uuid',
          `${file}: domain '${name}' has the uuid ${uuid ?? ''} of domain '${first?.name ?? ''}'`,
          { hint: 'give the copy a uuid of its own: libvirt takes only one of them' },
        ),
      ),
  );
}

/** Devices that take, by their attributes, what is not theirs alone. Each two are told once. */
export function checkResources(examined: ExaminedHost): readonly Issue[] {
  const { host, devices, defined } = examined;
  const definitions: ResourceView['definitions'] = {
    list: (isWanted = () => true) => {
      const { items, problems } = examined.definitions;
      return { items: items.filter(isWanted), problems };
    },
  };
  const wanted = [
    ...definitions.list().items.map(({ uuid, parent, definition }) => {
      const { type, attributes: writes, autostart } = definition;
      return { uuid, parent, type, writes, autostart };
    }),
    ...devices.items.flatMap((device) => {
      if (defined.has(deviceName(device)) || !takesResources(device.type)) return [];
      const { ref, type } = device;
      return [{ ...ref, type, files: stateFiles(host, device), writes: [], autostart: false }];
    }),
  ].filter(({ type }) => takesResources(type));
  const told = new Set<string>();
  return [...groupBy(wanted, ({ parent }) => parent)].flatMap(([address, takers]) => {
    const parent = host.parent(address);
    if (parent === undefined) return [];
    const shared = sharedCard({ host, definitions }, parent);
    return takers.flatMap((taker) =>
      mayDefine(shared, taker, taker.autostart).flatMap((reason) => {
        const pair = [taker.uuid, ...reason.inTheWay].toSorted().join();
        if (reason.inTheWay.length > 0 && told.has(pair)) return [];
        told.add(pair);
        return [resourceFinding(named(taker, reason))];
      }),
    );
  });
}

function resourceFinding({ code, severity, message, hint }: Reason): Issue {
  const kind = DOCTOR_CODES[code] ?? 'doctor-resources-taken';
  const isBoot = kind === 'doctor-resources-taken' && severity === 'warning';
  return finding(isBoot ? 'doctor-resources-autostart' : kind, message, { hint });
}

const DOCTOR_CODES: Partial<Record<Reason['code'], DoctorCode>> = {
  'resources-refused': 'doctor-resources-refused',
  'resources-kept': 'doctor-resources-kept',
  'resources-absent': 'doctor-resources-absent',
};

/** Definitions that cannot all start at boot, and defined groups that can never start. */
export function checkBoot({ host, definitions, records }: ExaminedHost): readonly Issue[] {
  const cards = listCards(host).items;
  const known = definitions.items.map(({ parent, uuid, definition }) => {
    const { type, autostart } = definition;
    return { parent, uuid, type, autostart };
  });
  const overcommit = bootOvercommit(
    cards,
    known.filter(({ autostart }) => autostart),
  );
  const byName = new Map(known.map((device) => [nameOf(device), device]));
  const groups = groupBy(records.definitions, ({ group }) => group);
  return [
    ...(overcommit === undefined
      ? []
      : [finding('doctor-autostart-room', overcommit.message, overcommit)]),
    ...[...groups].flatMap(([name, saved]) => {
      const members = saved.flatMap((ref) => byName.get(nameOf(ref)) ?? []);
      const why = neverStarts(cards, name, members);
      return why === undefined ? [] : [finding('doctor-group-room', why.message, why)];
    }),
  ];
}
