import { attributeWrites, type Settings } from '../engine/devices/attribute-writes.ts';
import type { ActiveState, DefinedState, DeviceState } from '../engine/devices/host-state.ts';
import { OPERATION_ORDER, type OperationDevice } from '../engine/devices/operations.ts';
import type { WantedDevice } from '../engine/devices/request.ts';
import { type Issue, issuesOf, NodedevError } from '../errors.ts';
import type { HostType } from '../host/host.ts';
import { mdevName } from '../nodedev/names.ts';
import type { HostIndex } from './host-index.ts';
import type { Difference } from './difference.ts';
import type { LeftDevice, PlannedAction, PlanOptions } from './plan.ts';
import type { Place } from './places.ts';

/** A desired device, held against the host. */
export interface Wanted {
  readonly request: WantedDevice;
  readonly uuid: string;
  /** Its group's place in the desired state: actions are told in this order. */
  readonly order: number;
  /** The group it will be in. */
  readonly group: string;
  /** Whether a document names the group. */
  readonly isNamed: boolean;
}

/** Where a desired device is to be, and as what. */
export interface Target {
  readonly place: Place;
  readonly type: HostType;
}

/** A plan while it is made. */
export class Draft {
  readonly index: HostIndex;
  readonly options: PlanOptions;
  readonly left: LeftDevice[] = [];
  readonly refusals: Issue[] = [];
  readonly #actions: { readonly order: number; readonly action: PlannedAction }[] = [];

  constructor(index: HostIndex, options: PlanOptions) {
    this.index = index;
    this.options = options;
  }

  act(order: number, action: PlannedAction): void {
    this.#actions.push({ order, action });
  }

  leave({ uuid, parent }: DeviceState, reason: LeftDevice['reason'], by?: string): void {
    this.left.push({ name: mdevName(uuid, parent), uuid, reason, by });
  }

  refuse(error: NodedevError): void {
    this.refusals.push(...issuesOf(error));
  }

  /** What `look` finds; a mistake it finds is one of the plan's refusals. */
  attempt<T>(look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      this.refuse(error);
      return undefined;
    }
  }

  /** In the order they are carried out: what goes, what comes group by group, what changes. */
  get actions(): readonly PlannedAction[] {
    return this.#actions
      .toSorted((a, b) => rank(a.action) - rank(b.action) || a.order - b.order)
      .map(({ action }) => action);
  }

  get destroyed(): ReadonlySet<string> {
    return new Set(
      this.#actions.flatMap(({ action }) =>
        action.action === 'destroy' ? [action.device.uuid] : [],
      ),
    );
  }
}

/** A start is a create. */
function rank({ action }: PlannedAction): number {
  return OPERATION_ORDER.indexOf(action === 'start' ? 'create' : action);
}

/** What a device was given. */
export interface Made extends Settings {
  readonly alias?: string | undefined;
}

/** A desired device as operations name it; of settings it does not speak of, what there is stays. */
export function deviceOf(
  { request, uuid, group }: Wanted,
  { place, type }: Target,
  now?: Made,
): OperationDevice {
  const { attributes, params } = saysSettings(request) ? request : (now ?? request);
  return {
    uuid,
    parent: place.parent.address,
    type: type.id,
    group,
    alias: request.alias ?? now?.alias,
    attributes,
    params,
  };
}

/** An active device of the host as operations name it. */
export function activeDevice(
  { uuid, parent }: DeviceState,
  { type, record }: ActiveState,
): OperationDevice {
  const settings = record ?? { group: uuid, attributes: [] };
  return { uuid, parent, type, ...settings };
}

/** A defined device of the host as operations name it. */
export function definedDevice(
  { uuid, parent }: DeviceState,
  { definition, record }: DefinedState,
): OperationDevice {
  return {
    uuid,
    parent,
    type: definition?.type ?? '',
    group: record?.group ?? uuid,
    alias: record?.alias,
    attributes: definition?.attributes ?? [],
  };
}

export function saysSettings({ attributes, params }: Settings): boolean {
  return attributes.length > 0 || params !== undefined;
}

/** Where a device is otherwise than desired in what only another device can be. */
export function placeDifferences(
  { group, isNamed }: Wanted,
  { place, type }: Target,
  now: {
    readonly parent: string;
    readonly type: string;
    /** Undefined: of no group of ours. */
    readonly group: string | undefined;
  },
): readonly Difference[] {
  const wantedGroup = isNamed ? group : now.group;
  return [
    difference('parent', now.parent, place.parent.address),
    difference('type', now.type, type.id),
    difference('group', now.group, wantedGroup),
  ].flat();
}

/** Where a device is otherwise than desired in what can be changed. */
export function settingDifferences(
  type: string,
  request: WantedDevice,
  now: Made,
): readonly Difference[] {
  const alias = request.alias === undefined ? [] : difference('name', now.alias, request.alias);
  if (!saysSettings(request)) return alias;
  const before = valuesOf(type, now);
  const after = valuesOf(type, request);
  const names = new Set([...before.keys(), ...after.keys()]);
  const values = [...names].flatMap((name) => difference(name, before.get(name), after.get(name)));
  const isOtherOrder =
    values.length === 0 && [...before.keys()].join('\n') !== [...after.keys()].join('\n');
  return isOtherOrder
    ? [
        ...alias,
        { what: 'order', before: [...before.keys()].join(' '), after: [...after.keys()].join(' ') },
      ]
    : [...alias, ...values];
}

/** Names may repeat: then their values count in order. */
function valuesOf(type: string, settings: Settings): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of attributeWrites(type, settings)) {
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known} ${value}`);
  }
  return values;
}

export function difference(
  what: string,
  before: string | undefined,
  after: string | undefined,
): readonly Difference[] {
  return before === after ? [] : [{ what, before, after }];
}
