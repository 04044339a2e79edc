import { NodedevError } from '../../errors.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { type HostDevice, takesType } from '../../host/host.ts';
import { attributeWrites } from '../devices/attribute-writes.ts';
import type { Context } from '../context.ts';
import {
  alreadyDefined,
  changedMeanwhile,
  type Definition,
  type DefinitionRef,
  fingerprintOf,
  formatDefinition,
  notDefined,
  type StoredDefinition,
} from './definitions.ts';
import { factReader } from '../devices/guest-facts.ts';
import { groupToJoin } from '../devices/groups.ts';
import { mayUndefine } from '../../policy/destroy.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import { pictureOf } from '../devices/picture.ts';
import type { KnownDevice } from '../devices/inventory.ts';
import { nameOf, recordOf } from '../devices/inventory.ts';
import { definitionMismatch, deviceTransient } from '../wording/messages.ts';
import { adopt, isForeign, refuseForeign } from '../ownership/foreign.ts';
import type { ResolvedRequest } from '../devices/resolve-requests.ts';
import type { DeviceRecord } from '../store/records.ts';
import type { Intent } from '../journal/journal.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange, StoreView } from '../store/store.ts';
import type { DefineOptions } from '../call-options.ts';

/**
 * Makes devices persistent, as steps of a transaction. Their params are stored in mdevctl's file as the driver's attribute
 * for them, so that mdevctl and libvirt apply them as well. The owner of a group stays the same.
 *
 * @throws NodedevError `device-defined`, `device-foreign`, `definition-mismatch`, `definition-invalid`,
 *   `permission-denied`, `store-failed`
 */
export function defineDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  placements: readonly ResolvedRequest[],
  {
    autostart = false,
    adopt: mayAdopt = false,
    planned,
  }: DefineOptions & { readonly planned?: true },
): readonly DefinitionRef[] {
  const { definitions } = context;
  const active = placements.flatMap((placement) => activeDevice(context, placement) ?? []);
  const byUuid = new Map(active.map((device) => [device.ref.uuid, device]));
  refuseForeign(change, active, mayAdopt);
  for (const placement of placements) checkType(context, placement);
  for (const group of new Set(placements.map((placement) => placement.group))) {
    groupToJoin(context, change, group);
  }
  const factsOf = factReader(context.host);
  const wanted = placements.map((placement) => {
    const { parent, uuid, type, group, request } = placement;
    const ref = { parent: parent.address, uuid };
    if (definitions.fingerprint(ref) !== undefined) throw alreadyDefined(ref.parent, uuid);
    const attributes = attributeWrites(type.id, request);
    const definition: Definition = {
      ...(takesType(parent) ? { isFunction: true } : {}),
      type: type.id,
      autostart,
      attributes,
      extra: {},
    };
    const alias = request.alias ?? activeRecord(context, change, placement)?.alias;
    const content = fingerprintOf(formatDefinition(definition));
    return { ref, group, alias, definition, facts: factsOf(parent, type), content };
  });
  steps.intend(
    wanted.map(({ ref, group, definition: { type }, content }) => ({
      do: 'define',
      ...ref,
      type,
      group,
      content,
    })),
  );
  return wanted.map(({ ref, group, alias, definition, facts, content }) => {
    steps.run(
      `defined ${nameOf(ref)}`,
      () => {
        definitions.define(ref, definition);
      },
      (failure) => {
        const now = definitions.fingerprint(ref);
        const isOthers = failure instanceof NodedevError && failure.code === 'device-defined';
        if (isOthers || now === undefined) return false;
        if (now !== content) throw changedMeanwhile(nameOf(ref));
        definitions.undefine(ref);
        return true;
      },
    );
    const owner = change.activeGroup(group)?.owner ?? change.persistentOwner(group);
    change.putDefinition({ kind: 'definition', ...ref, group, alias, planned, facts });
    const device = byUuid.get(ref.uuid);
    if (device !== undefined) adopt(context, change, device);
    if (owner !== undefined) change.setOwner(group, owner);
    return ref;
  });
}

/**
 * When the documents name no group, devices that are active or defined keep their groups, and others join the first of
 * these.
 */
export function keepGroups(
  context: Context,
  view: StoreView,
  placements: readonly ResolvedRequest[],
): readonly ResolvedRequest[] {
  const groups = placements.map(
    (placement) =>
      activeRecord(context, view, placement)?.group ??
      view.definition({ parent: placement.parent.address, uuid: placement.uuid })?.group,
  );
  const first = groups.find((group) => group !== undefined);
  return placements.map((placement, index) => ({
    ...placement,
    group: groups[index] ?? first ?? placement.group,
  }));
}

/** Refuses to define an active device with another type, since the next start would create a different device. */
function checkType(context: Context, placement: ResolvedRequest): void {
  const { type, request } = placement;
  const active = activeDevice(context, placement);
  if (active === undefined || active.type === type.id) return;
  throw definitionMismatch(
    'define device',
    nameOf(active.ref),
    'type',
    active.type,
    request.typeLocation,
    takesType(placement.parent),
  );
}

function activeRecord(
  context: Context,
  view: StoreView,
  placement: ResolvedRequest,
): DeviceRecord | undefined {
  const active = activeDevice(context, placement);
  return active && recordOf(view, active);
}

function activeDevice(
  { host }: Context,
  { parent, uuid }: ResolvedRequest,
): HostDevice | undefined {
  const active = host.find(uuid);
  return active?.ref.parent === parent.address ? active : undefined;
}

/**
 * Removes definitions, also unreadable ones, as steps of a transaction. Active devices stay, remain ours, and stay in
 * their groups. @throws NodedevError `device-undefined`, `domain-incomplete`
 *
 * @param again uuids of those that are defined again at once
 */
export function undefineDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly KnownDevice[],
  again?: ReadonlySet<string>,
): void {
  const { definitions } = context;
  for (const { ref, definition, problem } of devices) {
    if (definition === undefined && problem === undefined) throw deviceTransient(nameOf(ref));
  }
  const uuids = devices.map(({ ref }) => ref.uuid);
  requireAllowed(mayUndefine(pictureOf(context, change), uuids, again));
  steps.intend(
    devices.map(({ ref, definition }) => {
      const content = definitions.fingerprint(ref);
      if (content === undefined) throw notDefined(ref.parent, ref.uuid);
      const { group, alias } = change.definition(ref) ?? {};
      return { do: 'undefine', ...ref, group, alias, content, before: definition?.snapshot.text };
    }),
  );
  for (const { ref, active } of devices) {
    if (active !== undefined && !isForeign(change, active)) adopt(context, change, active);
    const restore = definitions.keep(ref);
    steps.run(
      `undefined ${nameOf(ref)}`,
      () => {
        definitions.undefine(ref);
      },
      (failure) => {
        if (failure !== undefined && definitions.fingerprint(ref) !== undefined) return false;
        restore();
        return true;
      },
    );
    change.deleteDefinition(ref);
  }
}

/** A change of which nothing is done yet: its intents go into the journal before `run`. */
export interface PreparedChange {
  readonly intents: readonly Intent[];
  readonly run: () => void;
}

/** Replaces a definition, as a step of a transaction. @throws NodedevError `definition-changed`, `store-failed` */
export function redefine(context: Context, steps: Steps, ...[stored, change]: Redefinition): void {
  const { intents, run } = redefinition(context, steps, stored, change);
  steps.intend(intents);
  run();
}

/** A definition, and what is to be other in it. */
type Redefinition = readonly [
  stored: StoredDefinition,
  change: Partial<
    Pick<Definition, 'autostart' | 'type'> & { readonly attributes: readonly NamedValue[] }
  >,
];

/** {@link redefine}, prepared. */
export function redefinition(
  { definitions }: Context,
  steps: Steps,
  ...[stored, change]: Redefinition
): PreparedChange {
  const ref = { parent: stored.parent, uuid: stored.uuid };
  const next = { ...stored.definition, ...change };
  const after = formatDefinition(next);
  const before = stored.snapshot.text;
  if (after === before) return { intents: [], run: () => undefined };
  return {
    intents: [{ do: 'redefine', ...ref, type: next.type, before, after: fingerprintOf(after) }],
    run: () => {
      steps.run(
        `changed the definition of ${nameOf(ref)}`,
        () => {
          definitions.update(stored, after);
        },
        (failure) => {
          const now = definitions.read(ref);
          if (now?.snapshot.text === after) definitions.update(now, before);
          else if (failure === undefined) throw changedMeanwhile(nameOf(ref));
          else return false;
          return true;
        },
      );
    },
  };
}

/** @throws NodedevError `device-undefined`, or the reason why the definition cannot be read */
export function requireDefinition(
  { ref, definition, problem }: KnownDevice,
  says?: Parameters<typeof deviceTransient>[1],
): StoredDefinition {
  if (problem !== undefined) throw problem;
  if (definition === undefined) throw deviceTransient(nameOf(ref), says);
  return definition;
}
