import { createHash } from 'node:crypto';
import { once } from '../../drivers/once.ts';
import type { NodedevError } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import type {
  Holder,
  Host,
  HostDevice,
  NodeKind,
  OpenObstacle,
  NumaNode,
  SetupCard,
} from '../../host/host.ts';
import { listCards } from './cards.ts';
import type { Context } from '../context.ts';
import type { DefinitionRef, Definition } from '../definitions/definitions.ts';
import { splitParams } from './attribute-writes.ts';
import { deviceHolders } from './holders.ts';
import { recordOf } from './inventory.ts';
import { libvirtDomains } from '../ownership/libvirt-domains.ts';
import type { AbsentFunction, NamingDomain } from '../../policy/picture.ts';
import { absentFunction } from './functions.ts';
import { ownerOf } from '../ownership/owner.ts';
import { problem } from './list.ts';
import { stateFiles } from './resources.ts';
import { isHookInstalled } from '../ownership/hook-installed.ts';
import { requireMdevSupport } from '../wording/mdev-support.ts';
import type { DefinitionRecord, DeviceRecord } from '../store/records.ts';
import type { StoreView } from '../store/store.ts';
import { offCards } from '../setup/off-cards.ts';
import { type CardSetupState, cardSetupState } from '../setup/setup-state.ts';
import type { CardInfo } from '../card-info.ts';
import type { GroupOwner } from '../../policy/owner.ts';

/** A snapshot of everything on a host that a plan depends on. */
export interface HostState {
  /** `/etc/machine-id`; undefined on a host without one, such as a simulated host. */
  readonly machineId?: string | undefined;
  /** Whether libvirt calls our hook, which starts a domain's devices. */
  readonly hasHook: boolean;
  /** Its NUMA nodes; absent: not known. */
  readonly nodes?: readonly NumaNode[] | undefined;
  readonly cards: readonly CardInfo[];
  /** The cards whose virtual functions are off, which have no parents. */
  readonly off: readonly SetupCard[];
  /** How the cards that were asked for are set up. */
  readonly setups: readonly CardSetupState[];
  /** Every mediated device, active, defined or both, sorted by parent and uuid. */
  readonly devices: readonly DeviceState[];
  /** The groups that belong to a domain. */
  readonly owners: readonly GroupOwnership[];
  /** The domains with mediated devices, from libvirt's files. */
  readonly domains: readonly NamingDomain[];
  /** Of the PCI functions that were asked for, those that are not there. */
  readonly absent: readonly AbsentFunction[];
  /** What could not be read. */
  readonly problems: readonly NodedevError[];
}

/** A group that belongs to a domain. */
export interface GroupOwnership {
  readonly group: string;
  readonly owner: GroupOwner;
  /** Whether the group was claimed for the domain: then it stays the owner when it stops. */
  readonly isClaimed: boolean;
  /** Whether a plan claimed it: then a plan may release it. */
  readonly isPlanned: boolean;
}

/** A mediated device under one parent. */
export interface DeviceState {
  readonly uuid: string;
  /** sysfs name of the parent. */
  readonly parent: string;
  readonly active?: ActiveState | undefined;
  readonly defined?: DefinedState | undefined;
}

export interface ActiveState {
  /** The type's id. */
  readonly type: string;
  /** Its record, or that of the definition it was started from; undefined: another program made it. */
  readonly record?:
    | Pick<DeviceRecord, 'group' | 'alias' | 'attributes' | 'params' | 'planned'>
    | undefined;
  readonly holders: readonly Holder[];
  /** The files of its state that its driver's rules read. */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Why no VM can open it by a file of this kind. */
  obstacle?(opened: NodeKind): OpenObstacle | undefined;
}

export interface DefinedState {
  /** Undefined: its file cannot be read. */
  readonly definition?: Pick<Definition, 'type' | 'autostart' | 'attributes'> | undefined;
  /** Its record; undefined: another program defined it. */
  readonly record?: Pick<DefinitionRecord, 'group' | 'alias' | 'planned'> | undefined;
}

/**
 * Reads everything that a plan depends on.
 *
 * @throws NodedevError `no-mdev-support`; `permission-denied`, also when `holders` is read, for a user who must not see them
 */
export function readHostState(
  context: Context,
  view: StoreView,
  asked: readonly string[] = [],
  functions: readonly string[] = [],
): HostState {
  const { host, definitions } = context;
  const active = host.devices();
  const setups = asked.flatMap((address) => cardSetupState(host, address) ?? []);
  if (active.items.length === 0 && setups.length === 0) requireMdevSupport(host, host.parents());
  const cards = listCards(host);
  const stored = definitions.list();
  const defined = new Map(stored.items.map((item) => [keyOf(item), item.definition]));
  const refs = new Map<string, DefinitionRef>([
    ...active.items.map(({ ref }): [string, DefinitionRef] => [keyOf(ref), ref]),
    ...definitions.refs().items.map((ref): [string, DefinitionRef] => [keyOf(ref), ref]),
  ]);
  const activeByKey = new Map(active.items.map((device) => [keyOf(device.ref), device]));
  const isDefined = new Set(definitions.refs().items.map(keyOf));
  // Looking at its files takes many times as long as a device in a list, and a plan asks for few devices.
  const uses: DeviceUses = {
    holders: once((device) => deviceHolders(host, device)),
    obstacle: (device, opened) => host.openObstacle(device, opened),
    files: once((device) => stateFiles(host, device)),
  };
  const devices = [...refs]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { uuid, parent }]): DeviceState => {
      const device = activeByKey.get(key);
      const definition = defined.get(key);
      return {
        uuid,
        parent,
        active: device && activeState(uses, view, device, definition),
        defined: isDefined.has(key) ? definedState(view, { uuid, parent }, definition) : undefined,
      };
    });
  const libvirt = libvirtDomains(host, view);
  return {
    machineId: host.machineId(),
    hasHook: isHookInstalled(host),
    nodes: host.numaNodes(),
    cards: cards.items,
    off: offCards(host),
    setups,
    devices,
    owners: ownersOf(host, view, devices),
    domains: libvirt.domains,
    absent: functions.flatMap((address) => absentFunction(host, address) ?? []),
    problems: [
      ...cards.problems,
      ...active.unreadable.map(problem),
      ...stored.problems,
      ...libvirt.problems,
    ],
  };
}

/**
 * A text that changes when something changes that a plan depends on: the cards, devices, definitions and owners, of the
 * whole host or of the cards with these parents (sysfs names).
 */
export function stateFingerprint(state: HostState, parents?: readonly string[]): string {
  const named = parents && new Set(parents);
  const cards = state.cards.filter(
    ({ card }) => named === undefined || card.parents.some((parent) => named.has(parent)),
  );
  const there = new Set([...cards.flatMap(({ card }) => card.parents), ...(parents ?? [])]);
  const devices = state.devices.filter(({ parent }) => named === undefined || there.has(parent));
  const groups = new Set(
    devices
      .flatMap(({ active, defined }) => [active?.record?.group ?? [], defined?.record?.group ?? []])
      .flat(),
  );
  const setups = state.setups.map(({ address, state: now }) => [address, now]);
  const owners = state.owners.filter(({ group }) => named === undefined || groups.has(group));
  const uuids = new Set(devices.map(({ uuid }) => uuid));
  const domains = state.domains.filter(
    ({ mdevs }) => named === undefined || mdevs.some((uuid) => uuids.has(uuid)),
  );
  return createHash('sha256')
    .update(
      JSON.stringify([
        state.machineId,
        cards.map(withoutRepeats),
        devices,
        owners,
        domains,
        ...setups,
      ]),
    )
    .digest('hex');
}

/**
 * A card for the fingerprint, with the description of each type once, since all parents have the same types. Who has its devices open
 * is asked with the devices.
 */
function withoutRepeats({ card, parents }: CardInfo): unknown {
  const counts = parents.map(({ address, numaNode, types }) => [
    address,
    numaNode,
    types.map(({ id, availableInstances }) => [id, availableInstances]),
  ]);
  const devices = card.devices.map(({ uuid, parent, type }) => [uuid, parent, type]);
  return [{ ...card, devices }, counts];
}

/** What is read of a device when somebody wants to know. */
interface DeviceUses {
  readonly holders: (device: HostDevice) => readonly Holder[];
  readonly obstacle: (device: HostDevice, opened: NodeKind) => OpenObstacle | undefined;
  readonly files: (device: HostDevice) => ActiveState['files'];
}

function activeState(
  uses: DeviceUses,
  view: StoreView,
  device: HostDevice,
  definition: Definition | undefined,
): ActiveState {
  const record = recordOf(view, device);
  const saved = view.definition(device.ref);
  const { type } = device;
  const started = saved && {
    group: saved.group,
    alias: saved.alias,
    planned: saved.planned,
    ...splitParams(type, definition?.attributes ?? []),
  };
  const made = record && {
    group: record.group,
    alias: record.alias,
    attributes: record.attributes,
    params: record.params,
    planned: record.planned,
  };
  return {
    type,
    record: made ?? started,
    get holders() {
      return uses.holders(device);
    },
    get files() {
      return uses.files(device);
    },
    obstacle: (opened) => uses.obstacle(device, opened),
  };
}

function definedState(
  view: StoreView,
  ref: DefinitionRef,
  definition: Definition | undefined,
): DefinedState {
  const record = view.definition(ref);
  return {
    definition: definition && {
      type: definition.type,
      autostart: definition.autostart,
      attributes: definition.attributes,
    },
    record: record && { group: record.group, alias: record.alias, planned: record.planned },
  };
}

function ownersOf(
  host: Host,
  view: StoreView,
  devices: readonly DeviceState[],
): readonly GroupOwnership[] {
  const groups = groupBy(
    devices,
    ({ active, defined }) => active?.record?.group ?? defined?.record?.group,
  );
  return [...groups].flatMap(([name, list]) => {
    if (name === undefined) return [];
    const members = list.map(({ uuid }) => uuid);
    const holders = list.flatMap(({ active }) => active?.holders ?? []);
    const owner = ownerOf(host, view, { name, members, holders });
    const claimed = view.activeGroup(name)?.owner ?? view.persistentOwner(name);
    if (owner === undefined) return [];
    const isPlanned = claimed?.planned === true;
    return [{ group: name, owner, isClaimed: claimed !== undefined, isPlanned }];
  });
}

/** A key of a definition. Both parts are names of directories, so they have no `/`. */
const keyOf = ({ parent, uuid }: DefinitionRef): string => `${parent}/${uuid}`;
