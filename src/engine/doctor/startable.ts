import type { Issue } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import { mdevName } from '../../nodedev/names.ts';
import { cannotOpen, otherType } from '../../policy/reasons.ts';
import { bootOvercommit, neverStarts } from '../devices/boot-room.ts';
import { listCards } from '../devices/cards.ts';
import { nameOf } from '../devices/inventory.ts';
import type { ExaminedHost } from './examined-host.ts';
import { finding } from './findings.ts';

/** Devices no VM can open, and such that are not of the type they are defined with. */
export function checkDevices({ host, devices, definitions }: ExaminedHost): readonly Issue[] {
  const types = new Map(definitions.items.map((item) => [nameOf(item), item.definition.type]));
  return devices.items.flatMap((device): readonly Issue[] => {
    const { uuid, parent } = device.ref;
    const name = mdevName(uuid, parent);
    const isAlone = host.parent(parent) === undefined;
    const obstacle = isAlone ? 'parent-gone' : host.openObstacle(device);
    if (obstacle !== undefined) {
      const { message, hint } = cannotOpen(uuid, parent, obstacle);
      return [finding('doctor-device-unusable', message, { hint })];
    }
    const defined = types.get(name);
    if (defined === undefined || defined === device.type) return [];
    const { message, hint } = otherType(name, uuid, device.type, defined);
    return [finding('doctor-type-differs', message, { hint })];
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
      : [finding('doctor-autostart-room', overcommit.message, { hint: overcommit.hint })]),
    ...[...groups].flatMap(([name, saved]) => {
      const members = saved.flatMap((ref) => byName.get(nameOf(ref)) ?? []);
      const why = members.length < 2 ? undefined : neverStarts(cards, name, members);
      if (why === undefined) return [];
      return [
        finding('doctor-group-room', why, {
          hint: 'undefine some of its members, or define them under other parents',
        }),
      ];
    }),
  ];
}
