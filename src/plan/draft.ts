import { attributeWrites, type Settings } from '../engine/devices/attribute-writes.ts';
import type { ActiveState, DefinedState, DeviceState } from '../engine/devices/host-state.ts';
import { OPERATION_ORDER, type OperationDevice } from '../engine/devices/operations.ts';
import type { DesiredRequest } from '../engine/devices/request.ts';
import { type Issue, issuesOf, NodedevError } from '../errors.ts';
import type { HostType } from '../host/host.ts';
import { mdevName } from '../nodedev/names.ts';
import type { DomainRef } from '../policy/domain-ref.ts';
import type { DesiredDomain } from './desired.ts';
import type { HostIndex } from './host-index.ts';
import type { Difference } from './difference.ts';
import type { LeftDevice, PlannedAction, PlanOptions } from './plan.ts';
import type { ParentOnCard } from './parents.ts';

/** A desired device with its uuid and its group on this host. */
export interface DesiredDevice {
  readonly request: DesiredRequest;
  readonly uuid: string;
  /** Index of its group in the desired state: actions of one kind are in this order. */
  readonly order: number;
  /** The group it will be in. */
  readonly group: string;
  /** Whether a document names the group. */
  readonly isNamed: boolean;
}

/** The parent and the type that a desired device is to have. */
export interface Target extends ParentOnCard {
  readonly type: HostType;
}

/** Collects the parts of a plan while it is made. */
export class Draft {
  readonly index: HostIndex;
  readonly options: PlanOptions;
  /** The desired domains. */
  domains: readonly DesiredDomain[] = [];
  /** The domains that are to own groups. */
  owners: ReadonlyMap<string, DomainRef> = new Map();
  readonly left: LeftDevice[] = [];
  readonly refusals: Issue[] = [];
  readonly warnings: Issue[] = [];
  readonly #released = new Set<string>();
  readonly #actions: { readonly order: number; readonly action: PlannedAction }[] = [];

  constructor(index: HostIndex, options: PlanOptions) {
    this.index = index;
    this.options = options;
  }

  act(order: number, action: PlannedAction): void {
    this.#actions.push({ order, action });
  }

  /** Ends the ownership of a group, once, before anything else is done. */
  release(group: string, { name, uuid }: DomainRef): void {
    this.#released.add(group);
    this.act(0, { action: 'release', group, owner: { name, uuid } });
  }

  readonly isReleased = (group: string): boolean => this.#released.has(group);

  leave({ uuid, parent }: DeviceState, reason: LeftDevice['reason'], by?: string): void {
    this.left.push({ name: mdevName(uuid, parent), uuid, reason, by });
  }

  refuse(error: NodedevError): void {
    // A device and its definition may differ alike.
    const isNew = ({ message, location }: Issue): boolean =>
      !this.refusals.some((one) => one.message === message && one.location === location);
    this.refusals.push(...issuesOf(error).filter(isNew));
  }

  /** Adds what the policy says: an error is a refusal. */
  tell(issue: Issue): void {
    (issue.severity === 'error' ? this.refusals : this.warnings).push(issue);
  }

  /** Returns what `read` returns. An error it throws becomes a refusal of the plan. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      this.refuse(error);
      return undefined;
    }
  }

  /** In the order in which they are carried out: {@link OPERATION_ORDER}, then group by group. */
  get actions(): readonly PlannedAction[] {
    return this.#actions
      .toSorted((a, b) => rank(a.action) - rank(b.action) || a.order - b.order)
      .map(({ action }) => action);
  }

  /** The uuids of devices that the plan destroys. */
  get destroyed(): ReadonlySet<string> {
    return this.#uuidsOf('destroy');
  }

  /** The uuids of devices whose definitions it removes. */
  get undefined(): ReadonlySet<string> {
    return this.#uuidsOf('undefine');
  }

  #uuidsOf(kind: 'destroy' | 'undefine'): ReadonlySet<string> {
    return new Set(
      this.#actions.flatMap(({ action }) => (action.action === kind ? [action.device.uuid] : [])),
    );
  }
}

/** Creates and starts have the same rank: they are carried out group by group. */
function rank({ action }: PlannedAction): number {
  return OPERATION_ORDER.indexOf(action === 'start' ? 'create' : action);
}

/** The settings that a device or its definition has now. */
export interface CurrentSettings extends Settings {
  readonly alias?: string | undefined;
}

/** The device of an operation, for a desired device. Settings that its document does not name stay as they are now. */
export function deviceOf(
  { request, uuid, group }: DesiredDevice,
  { parent, type }: Target,
  now?: CurrentSettings,
): OperationDevice {
  const { attributes, params } = hasSettings(request) ? request : (now ?? request);
  return {
    uuid,
    parent: parent.address,
    type: type.id,
    group,
    alias: request.alias ?? now?.alias,
    attributes,
    params,
  };
}

/** The device of an operation, for an active device of the host. */
export function activeDevice(
  { uuid, parent }: DeviceState,
  { type, record }: ActiveState,
): OperationDevice {
  const { group, alias, attributes, params } = record ?? { group: uuid, attributes: [] };
  return { uuid, parent, type, group, alias, attributes, params };
}

/** The device of an operation, for a defined device of the host. */
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

export function hasSettings({ attributes, params }: Settings): boolean {
  return attributes.length > 0 || params !== undefined;
}

/** Differences in what a device cannot change: its parent and its type; a group too, when it was made by another program. */
export function identityDifferences(
  { group, isNamed }: DesiredDevice,
  { parent, type }: Target,
  now: {
    readonly parent: string;
    readonly type: string;
    /** Undefined: it was made by another program, so it has no group. */
    readonly group: string | undefined;
  },
): readonly Difference[] {
  return [
    difference('parent', now.parent, parent.address),
    difference('type', now.type, type.id),
    isNamed && now.group === undefined ? difference('group', undefined, group) : [],
  ].flat();
}

/** Differences in what an update can change: the name, the attributes and the params. */
export function settingDifferences(
  type: string,
  request: DesiredRequest,
  now: CurrentSettings,
): readonly Difference[] {
  const alias = request.alias === undefined ? [] : difference('name', now.alias, request.alias);
  if (!hasSettings(request)) return alias;
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

/** Values by attribute name. The values of a repeated name are joined in their order. */
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
