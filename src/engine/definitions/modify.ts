import { NodedevError } from '../../errors.ts';
import type { HostType } from '../../host/host.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { aroundScripts, scriptedDevice } from '../scripts/around-scripts.ts';
import type { Context } from '../context.ts';
import {
  findDevice,
  type KnownDevice,
  nameOf,
  parentName,
  recordOf,
} from '../devices/inventory.ts';
import { nodeInfo } from '../devices/list.ts';
import { resolveType } from '../devices/types-of-parent.ts';
import { definitionUpdate } from '../devices/update-parts.ts';
import { splitParams } from '../devices/attribute-writes.ts';
import { transaction } from '../journal/transaction.ts';
import { hasAnyScript } from '../scripts/find.ts';
import type { DefinitionChange, ModifyOptions } from '../call-options.ts';
import type { DeviceInfo } from '../listed-device.ts';
import { definitionMismatch, deviceNotActive } from '../wording/messages.ts';
import { parentUnknown } from '../wording/request-messages.ts';
import { requireDefinition } from './define.ts';
import type { Definition } from './definitions.ts';

/**
 * Changes parts of a definition, as `mdevctl modify` does, with its scripts around it. With `live`, a script changes the active
 * device: of what it did nothing can be undone, so it runs first, and the definition is changed after it.
 */
export async function modify(
  context: Context,
  name: string,
  change: DefinitionChange,
  { live = false, config = !live }: ModifyOptions,
): Promise<DeviceInfo> {
  const { store } = context;
  if (live) await modifyLive(context, name, change, config);
  if (!config) return store.read((view) => nodeInfo(context, view, name));
  const devices = () =>
    store.read((view) => {
      const device = findDevice(context, view, name, 'defined');
      return [{ ...scriptedDevice(context, view, device), ...changed(context, device, change) }];
    });
  return aroundScripts(context, 'modify', devices, () =>
    transaction(context, (store_, steps) => {
      const device = findDevice(context, store_, name, 'defined');
      const { type, autostart, attributes, hostType } = changed(context, device, change);
      const { uuid, parent } = device.ref;
      const { intents, run } = definitionUpdate(context, store_, steps, requireDefinition(device), {
        request: { uuid, parent, type, attributes, params: undefined, alias: undefined },
        group: undefined,
        autostart,
        type: hostType,
      });
      steps.intend(intents);
      run();
      return nodeInfo(context, store_, nameOf(device.ref));
    }),
  );
}

/** A device's definition after a change. */
type Changed = Pick<Definition, 'type' | 'autostart' | 'attributes'> & {
  /** The new type, where there is one. */
  readonly hostType?: HostType | undefined;
};

function changed(context: Context, device: KnownDevice, change: DefinitionChange): Changed {
  const { definition } = requireDefinition(device);
  const hostType = newType(context, device, definition, change.type);
  return {
    type: hostType?.id ?? definition.type,
    autostart: change.autostart ?? definition.autostart,
    attributes: changedAttributes(definition.attributes, change),
    hostType,
  };
}

/** @throws NodedevError `parent-unknown`, `type-unknown`, `definition-mismatch`: the next start would make another device */
function newType(
  { host }: Context,
  { ref, active }: KnownDevice,
  { type: before }: Definition,
  wanted: string | undefined,
): HostType | undefined {
  if (wanted === undefined || wanted === before) return undefined;
  const parent = host.parent(ref.parent);
  if (parent === undefined) {
    throw parentUnknown(ref.parent, host.parents().items.map(parentName));
  }
  const type = resolveType(parentName(parent), host.types(parent).items, wanted);
  if (active !== undefined && active.type !== type.id) {
    throw definitionMismatch('define device', nameOf(ref), 'type', active.type);
  }
  return type;
}

/** @throws NodedevError `attribute-invalid`: there is none at that place */
function changedAttributes(
  before: readonly NamedValue[],
  { attributes = before, addAttribute: added, deleteAttribute: deleted }: DefinitionChange,
): readonly NamedValue[] {
  const place = (index: number, last: number): number => {
    if (index <= last) return index;
    const all = attributes.map(({ name, value }, at) => `@{${at}}: {"${name}":"${value}"}`);
    throw new NodedevError('attribute-invalid', `Attribute index ${index} is invalid`, {
      hint: all.length === 0 ? 'it has no attributes' : `it has ${all.join(', ')}`,
    });
  };
  if (added !== undefined) {
    const { name, value, index = attributes.length } = added;
    return attributes.toSpliced(place(index, attributes.length), 0, { name, value });
  }
  if (deleted === undefined) return attributes;
  const { index } = deleted;
  return index === undefined
    ? attributes.slice(0, -1)
    : attributes.toSpliced(place(index, attributes.length - 1), 1);
}

/** Lets a script change the active device. What the store says of its attributes is then what they were changed to. */
async function modifyLive(
  context: Context,
  name: string,
  change: DefinitionChange,
  config: boolean,
): Promise<void> {
  const { host, store, report } = context;
  const { root } = host;
  const { ref, active, autostart, before } = await store.read((view) => {
    const device = findDevice(context, view, name);
    if (device.active === undefined) throw deviceNotActive(nameOf(device.ref), 'noLiveState');
    const { type } = device.active;
    const defined = config ? requireDefinition(device).definition.type : type;
    for (const other of [change.type ?? type, defined]) {
      if (other !== type)
        throw definitionMismatch('update device', nameOf(device.ref), 'type', type);
    }
    return {
      ...device,
      active: device.active,
      before: scriptedDevice(context, view, device),
      autostart: device.definition?.definition.autostart,
    };
  });
  store.requireWritable();
  const { modifyLive: callScript, noLiveScript } = await import('../scripts/scripts.ts');
  if (root === undefined || !hasAnyScript(root)) throw noLiveScript();
  if (context.isRehearsal === true) return;
  const attributes = changedAttributes(before.attributes, change);
  const definition = {
    type: active.type,
    autostart: change.autostart ?? autostart ?? false,
    attributes,
    extra: {},
  };
  await callScript({ root, ref, definition, report });
  await transaction(context, (view) => {
    const record = recordOf(view, active);
    if (record !== undefined)
      view.addDevice({ ...record, ...splitParams(active.type, attributes) });
  });
}
