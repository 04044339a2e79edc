import { splitParams } from '../engine/devices/attribute-writes.ts';
import { driverForType } from '../drivers/registry.ts';
import type { ActiveState, DefinedState, DeviceState } from '../engine/devices/host-state.ts';
import { paramsUnsupported } from '../engine/wording/request-messages.ts';
import { mayJoin, mayMove } from '../policy/claim.ts';
import { groupOf } from '../policy/owner.ts';
import type { GroupPicture } from '../policy/picture.ts';
import { foreign } from '../policy/reasons.ts';
import { errorOf, issueOf } from '../policy/verdict.ts';
import { mdevName } from '../nodedev/names.ts';
import {
  activeDevice,
  definedDevice,
  deviceOf,
  difference,
  type Draft,
  type CurrentSettings,
  identityDifferences,
  hasSettings,
  settingDifferences,
  type Target,
  type DesiredDevice,
} from './draft.ts';
import { usersOf } from './host-index.ts';
import { PlanPicture } from './picture.ts';
import { definitionUnreadable, deviceDiffers } from './messages.ts';
import { release } from './releases.ts';

/** Adds to the plan the actions that make one device as desired, or the refusal that says why this is not possible. */
export function reconcile(draft: Draft, desired: DesiredDevice, target: Target): void {
  const { request } = desired;
  const { type } = target;
  if (request.params !== undefined && driverForType(type.id)?.paramsAttribute === undefined) {
    draft.refuse(paramsUnsupported(type.id, request.location));
    return;
  }
  const now = draft.index.active(desired.uuid);
  const there = draft.index.under(target.parent.address, desired.uuid);
  if (there !== undefined) regroup(draft, desired, target, there);
  if (now?.active === undefined) activate(draft, desired, target);
  else reconcileActive(draft, desired, target, now, now.active);
  const isForeign =
    now?.active !== undefined && now.active.record === undefined && draft.options.adopt !== true;
  // What another program has defined is touched only when it is to be defined.
  const isWanted = draft.options.define === true;
  if (!isWanted && there?.defined?.record === undefined) return;
  if (there?.defined === undefined) {
    if (isForeign) draft.refuse(errorOf(foreign(mdevName(now.uuid, now.parent), now.uuid)));
    else define(draft, desired, target, now?.active?.record);
  } else reconcileDefinition(draft, desired, target, there, there.defined);
}

/** Adds the action that moves what stays of a device, active or defined, to the group its document names. */
function regroup(draft: Draft, desired: DesiredDevice, { type }: Target, there: DeviceState): void {
  const { uuid, group, isNamed, order, request } = desired;
  const { active, defined } = there;
  const staying = [
    active?.type === type.id ? active.record : undefined,
    defined?.definition?.type === type.id ? defined.record : undefined,
  ];
  const groups = new Set(staying.flatMap((record) => record?.group ?? []));
  groups.delete(group);
  if (!isNamed || groups.size === 0) return;
  for (const from of groups) release(draft, from);
  tellMoves(draft, desired, (picture) => [...groups].map((from) => picture.group(from)));
  const [from] = groups;
  draft.act(order, {
    action: 'regroup',
    device: { uuid, parent: there.parent, type: type.id, group, attributes: [] },
    changes: difference('group', from, group),
    source: request.location?.file,
  });
}

/** Refuses a device its group while somebody uses that, or the groups it comes from. */
function tellMoves(
  draft: Draft,
  { group, request }: DesiredDevice,
  from: (picture: PlanPicture) => readonly GroupPicture[],
): void {
  const picture = new PlanPicture(draft.index, { isReleased: draft.isReleased });
  const to = picture.group(group);
  for (const { reasons } of from(picture).map((each) => mayMove(picture, each, to))) {
    for (const reason of reasons) draft.tell(issueOf(reason, () => request.location));
  }
}

/** The settings of a definition, for a device that is started from it; undefined when it has another type. */
function definedSettings(
  { definition, record }: DefinedState,
  type: string,
): CurrentSettings | undefined {
  if (definition?.type !== type) return undefined;
  return { alias: record?.alias, ...splitParams(type, definition.attributes) };
}

/** Adds the action that makes a device active. */
function activate(draft: Draft, desired: DesiredDevice, target: Target): void {
  const { index, options } = draft;
  const { group, uuid, request, order } = desired;
  const { parent, type } = target;
  const joining = [{ uuid, parent: parent.address, type: type.id }];
  const joined = mayJoin(new PlanPicture(index), group, joining, options.allowHotplug);
  for (const reason of joined.reasons) draft.tell(issueOf(reason, () => request.location));
  if (joined.answer === 'refused') return;
  const defined = index.under(parent.address, uuid)?.defined;
  draft.act(order, {
    action: options.define === true || defined !== undefined ? 'start' : 'create',
    device: deviceOf(desired, target, defined && definedSettings(defined, type.id)),
    source: request.location?.file,
  });
}

function reconcileActive(
  draft: Draft,
  desired: DesiredDevice,
  target: Target,
  now: DeviceState,
  active: ActiveState,
): void {
  const { request, order } = desired;
  const isAdopted = active.record === undefined && draft.options.adopt === true;
  const record = isAdopted ? adoptedRecord(desired, now, active) : active.record;
  const source = request.location?.file;
  const name = mdevName(now.uuid, now.parent);
  const changes = identityDifferences(desired, target, {
    parent: now.parent,
    type: active.type,
    group: record?.group,
  });
  if (record === undefined) {
    if (changes.length === 0 && !hasSettings(request)) draft.leave(now, 'foreign');
    else draft.refuse(errorOf(foreign(name, request.uuid ?? name)));
    return;
  }
  if (isAdopted) {
    tellMoves(draft, desired, (picture) => [
      groupOf(picture, { uuid: now.uuid, holders: active.holders }),
    ]);
    const device = activeDevice(now, { ...active, record });
    draft.act(order, { action: 'adopt', device, source });
  }
  if (changes.length === 0) {
    const settings = settingDifferences(active.type, request, record);
    if (isAdopted && settings.length === 0) return;
    const group = desired.isNamed ? desired.group : record.group;
    if (settings.length > 0) {
      const device = deviceOf({ ...desired, group }, target, record);
      draft.act(order, { action: 'update', device, changes: settings, source });
    } else if (group === record.group) draft.leave(now, 'unchanged', usersOf(now)[0]);
    return;
  }
  if (draft.options.prune !== true) {
    draft.refuse(deviceDiffers(name, changes, request.location, isFunction(target)));
    return;
  }
  release(draft, record.group);
  draft.act(order, {
    action: 'destroy',
    device: activeDevice(now, { ...active, record }),
    changes,
  });
  activate(draft, desired, target);
}

/** The record that another program's device gets when it is adopted. */
function adoptedRecord(
  { group }: DesiredDevice,
  { defined }: DeviceState,
  { type }: ActiveState,
): NonNullable<ActiveState['record']> {
  return { group, ...splitParams(type, defined?.definition?.attributes ?? []) };
}

/** @param now the settings of the active device, if there is one */
function define(
  draft: Draft,
  desired: DesiredDevice,
  target: Target,
  now?: CurrentSettings,
  autostart = false,
): void {
  draft.act(desired.order, {
    action: 'define',
    device: deviceOf(desired, target, now),
    autostart: draft.options.autostart ?? autostart,
    source: desired.request.location?.file,
  });
}

function reconcileDefinition(
  draft: Draft,
  desired: DesiredDevice,
  target: Target,
  there: DeviceState,
  defined: DefinedState,
): void {
  const { request, order } = desired;
  const { definition, record } = defined;
  const { options } = draft;
  const source = request.location?.file;
  const name = mdevName(there.uuid, there.parent);
  if (definition === undefined) {
    draft.refuse(definitionUnreadable(name, request.location));
    return;
  }
  const changes = identityDifferences(desired, target, {
    parent: there.parent,
    type: definition.type,
    group: record?.group,
  });
  if (changes.length > 0) {
    if (record === undefined && options.adopt !== true) {
      draft.refuse(errorOf(foreign(name, request.uuid ?? name)));
    } else if (options.prune !== true) {
      draft.refuse(deviceDiffers(name, changes, request.location, isFunction(target)));
    } else {
      draft.act(order, { action: 'undefine', device: definedDevice(there, defined), changes });
      define(draft, desired, target, undefined, definition.autostart);
    }
    return;
  }
  const now = { attributes: definition.attributes, alias: record?.alias };
  const autostart = options.autostart ?? definition.autostart;
  const isOurs = record !== undefined; // only then is its name kept
  const settings = [
    ...settingDifferences(
      definition.type,
      isOurs ? request : { ...request, alias: undefined },
      now,
    ),
    ...difference('autostart', String(definition.autostart), String(autostart)),
  ];
  if (settings.length === 0) return;
  const group = desired.isNamed ? desired.group : (record?.group ?? there.uuid);
  const device = deviceOf({ ...desired, group }, target, now);
  draft.act(order, { action: 'redefine', device, autostart, changes: settings, source });
}

/** Whether it is a function that takes a type, which `update` gives another one. */
const isFunction = ({ info }: Target): boolean => info.card.isFunctions === true;
