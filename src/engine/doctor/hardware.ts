import { explainType } from '../../drivers/explain-type.ts';
import { hypotheses, type ShownCard } from '../../drivers/hypotheses.ts';
import { driverForType } from '../../drivers/registry.ts';
import type { Issue } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import type { Host, HostDevice, HostError, HostParent, HostType } from '../../host/host.ts';
import { deviceName, parentName } from '../devices/inventory.ts';
import { problem } from '../devices/list.ts';
import { noMdevSupport } from '../wording/mdev-support.ts';
import { finding } from './findings.ts';
import { type ExaminedHost, useOf } from './examined-host.ts';

/** Which framework cards have, where that is not what every tool shows. */
export function checkFrameworks({ host }: ExaminedHost): readonly Issue[] {
  return host
    .diagnosis()
    .frameworks.map(({ says, next }) => finding('doctor-framework', says, { hint: next }));
}

/** Why the host has no parent, or why some of its hardware has none. */
export function checkSupport({ host, parents }: ExaminedHost): readonly Issue[] {
  const diagnosis = host.diagnosis();
  // A simulated host may be without parents.
  const mayBeEmpty = host.kind !== 'sysfs';
  if (mayBeEmpty || parents.items.length > 0 || parents.unreadable.length > 0) {
    return diagnosis.obstacles.map(({ says, next }) => {
      return finding('doctor-hardware-without-mdev', says, { hint: next });
    });
  }
  const error = noMdevSupport(diagnosis, host.root);
  return [error, ...error.issues].map(({ message, hint }) =>
    finding('doctor-no-mdev-support', message, { hint }),
  );
}

/** Parents, types and devices that cannot be read, and files that say more of types. */
export function checkReadable({ host, parents, types, devices }: ExaminedHost): readonly Issue[] {
  const files = host.diagnosis().unread.map(({ path, says }) =>
    finding('doctor-unreadable', `${path} is not used: ${says}`, {
      hint: 'it belongs to the driver, whose package brings it; until then types have what tables and names say',
    }),
  );
  return [...files, ...unreadableIn({ parents, types, devices })];
}

function unreadableIn({
  parents,
  types,
  devices,
}: Pick<ExaminedHost, 'parents' | 'types' | 'devices'>): readonly Issue[] {
  const errors = [
    ...parents.unreadable,
    ...[...types.values()].flatMap((listing) => listing.unreadable),
    ...devices.unreadable,
  ];
  // A function's type is read for its types and for its device.
  return [...new Map(errors.map((error) => [`${error.path}\n${error.errno}`, error])).values()].map(
    unreadable,
  );
}

export function unreadable(error: HostError): Issue {
  const { message, hint } = problem(error);
  return finding('doctor-unreadable', message, { hint });
}

/** Parents without types, and cards without free instances. */
export function checkTypes(examined: ExaminedHost): readonly Issue[] {
  const { parents, types } = examined;
  const empty = parents.items.filter(({ address }) => isEmpty(types.get(address)));
  // The functions of one GPU are alike.
  const cards = groupBy(empty, ({ address, physicalFunction }) => physicalFunction ?? address);
  return [
    ...[...cards.values()].map(([first, ...more]) => {
      const others = more.length === 0 ? '' : ` and ${more.length} more of its card`;
      const name = `${first === undefined ? '' : parentName(first)}${others}`;
      return finding('doctor-parent-without-types', `${name}: its driver offers no type`, {
        hint: 'the kernel log may say why: `dmesg | tail -n 20`',
      });
    }),
    ...cardsOf(examined).flatMap((card) => [
      ...checkBoard(examined, card),
      ...checkClosed(examined, card),
      ...checkFreeInstances(examined, card),
    ]),
  ];
}

const isEmpty = (
  listing:
    | { readonly items: readonly unknown[]; readonly unreadable: readonly unknown[] }
    | undefined,
): boolean => listing?.items.length === 0 && listing.unreadable.length === 0;

/** A physical card: its parents, and the types of all of them. */
interface ExaminedCard {
  readonly parents: readonly [HostParent, ...HostParent[]];
  readonly types: readonly HostType[];
  readonly shown: ShownCard;
}

function cardsOf({ host, parents, types }: ExaminedHost): readonly ExaminedCard[] {
  const seen = new Set<string>();
  return parents.items.flatMap((parent) => {
    if (seen.has(parent.address)) return [];
    const card = host.card(parent);
    for (const address of card.parents) seen.add(address);
    const others = parents.items.filter(
      (other) => other !== parent && card.parents.includes(other.address),
    );
    const all = [parent, ...others] as const;
    const shown = all.map(({ address }) => ({ address, types: types.get(address)?.items ?? [] }));
    return [
      { parents: all, types: shown.flatMap((each) => each.types), shown: { card, parents: shown } },
    ];
  });
}

/** Types of another board. The parents of a card are alike. */
function checkBoard(
  { host }: ExaminedHost,
  { parents: [parent], types }: ExaminedCard,
): readonly Issue[] {
  const driver = driverForType(types[0]?.id ?? '');
  if (driver?.oddTypes === undefined) return [];
  const { capabilities } = host.describeHardware(parent);
  const pci = capabilities.find((capability) => capability.kind === 'pci');
  const odd = pci && driver.oddTypes(pci, types);
  if (odd === undefined) return [];
  return [finding('doctor-types-odd', `${parentName(parent)}: ${odd.says}`, { hint: odd.next })];
}

/** Functions that take no type although their card has room; what cannot be read is told by {@link checkReadable}. */
function checkClosed({ types }: ExaminedHost, { parents, shown }: ExaminedCard): readonly Issue[] {
  const [rules] = hypotheses(shown);
  if (rules === undefined) return [];
  return parents
    .filter(
      ({ address }) =>
        !rules.card.parents.includes(address) && types.get(address)?.unreadable.length === 0,
    )
    .map((parent) =>
      finding(
        'doctor-parent-blocked',
        `${parentName(parent)}: no type has an instance left, although other functions of its card have room`,
        {
          hint: 'the others are counted without it; the kernel log may say why: `dmesg | tail -n 20`',
        },
      ),
    );
}

function checkFreeInstances(
  { host, devices }: ExaminedHost,
  { parents, types, shown }: ExaminedCard,
): readonly Issue[] {
  const [type] = types;
  if (type === undefined || types.some((each) => each.availableInstances > 0)) return [];
  const [first, ...more] = parents;
  const [rules] = hypotheses(shown);
  const { rule } = explainType(shown, rules, first.address, type, 0);
  const name = `${parentName(first)}${more.length === 0 ? '' : ` and ${more.length} more of its card`}`;
  const addresses = new Set(parents.map(({ address }) => address));
  const users = devices.items.filter(({ ref }) => addresses.has(ref.parent));
  if (users.length === 0) {
    return [
      finding(
        'doctor-parent-blocked',
        `${name}: no type has an instance left, but no device uses them`,
        { hint: rule },
      ),
    ];
  }
  const listed = listOf(users.map((device) => labelOf(host, device)));
  return [
    finding('doctor-parent-full', `${name}: no type has an instance left; used by ${listed}`, {
      hint: rules === undefined ? rule : 'destroying one of them makes room: `destroy(name)`',
    }),
  ];
}

function labelOf(host: Host, device: HostDevice): string {
  const use = useOf(host, device);
  return use.state === 'held' ? `${deviceName(device)} (${use.by})` : deviceName(device);
}

/** At most so many names are in a finding. `list` has all. */
const LISTED = 8;

function listOf(names: readonly string[]): string {
  const rest = names.length - LISTED;
  return `${names.slice(0, LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** The subsystems in which libvirt finds parents (src/node_device/node_device_udev.c); of the kernel's samples `mtty` only. */
const LIBVIRT_SUBSYSTEMS: ReadonlySet<string> = new Set(['pci', 'css', 'matrix', 'mtty']);

/** Parents that libvirt does not show. */
export function checkLibvirt({ parents }: ExaminedHost): readonly Issue[] {
  return parents.items
    .filter(({ subsystem }) => !LIBVIRT_SUBSYSTEMS.has(subsystem))
    .map((parent) =>
      finding(
        'doctor-hidden-from-libvirt',
        `${parentName(parent)}: libvirt does not list parents of the subsystem '${parent.subsystem}'`,
        { hint: 'its devices work in domains all the same, by their uuid' },
      ),
    );
}
