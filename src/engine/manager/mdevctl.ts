import { NodedevError } from '../../errors.ts';
import { takesType } from '../../host/host.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { type Context, forCall } from '../context.ts';
import type { DefinitionRef } from '../definitions/definitions.ts';
import { type KnownDevice, knownDevice } from '../devices/inventory.ts';
import { problem } from '../devices/list.ts';
import { modify } from '../definitions/modify.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { hasScripts } from '../scripts/find.ts';
import type { MdevctlDevice, MdevctlFilter } from '../mdevctl-view.ts';

/**
 * The methods that show what mdevctl shows, and change what it changes: mediated devices with their definitions, and no
 * functions that take a type.
 */
export function mdevctlMethods(
  connection: Context,
): Pick<NodeDeviceManager, 'mdevctlParents' | 'mdevctlDevices' | 'modify'> {
  const { host } = connection;
  return {
    mdevctlParents: async ({ parent: only } = {}) => {
      const found = only === undefined ? undefined : host.parent(only);
      const parents =
        only === undefined
          ? host.parents()
          : { items: found === undefined ? [] : [found], unreadable: [] };
      const offers = parents.items
        .filter((parent) => !takesType(parent))
        .map((parent) => ({ parent: parent.address, ...host.types(parent) }));
      return {
        items: offers.map(({ parent, items }) => ({
          parent,
          // mdevctl has them in the order of their bytes.
          types: items
            .toSorted(byId)
            .map(({ id, availableInstances, deviceApi, name, ...type }) => {
              const { sources, description, ownDescription } = type;
              const own = sources === undefined ? description : ownDescription;
              return { id, availableInstances, deviceApi, name, description: own };
            }),
        })),
        problems: [...parents.unreadable, ...offers.flatMap(({ unreadable }) => unreadable)].map(
          problem,
        ),
      };
    },
    mdevctlDevices: async (filter = {}) =>
      filter.defined === true
        ? definedDevices(connection, filter)
        : await activeDevices(connection, filter),
    modify: (name, change, options = {}) =>
      modify(forCall(connection, options), name, change, options),
  };
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number =>
  Buffer.compare(Buffer.from(one.id), Buffer.from(other.id));

interface Listed {
  readonly items: readonly MdevctlDevice[];
  readonly problems: readonly NodedevError[];
}

async function activeDevices(
  context: Context,
  { uuid, attributes: asksScripts }: MdevctlFilter,
): Promise<Listed> {
  const { items, unreadable } = context.host.devices();
  const devices: MdevctlDevice[] = [];
  for (const device of items) {
    const { ref, type } = device;
    const isWanted = uuid === undefined || ref.uuid === uuid;
    if (ref.framework !== 'mdev' || !isWanted) continue;
    const known = knownDevice(context, ref, device);
    const autostart = known?.definition?.definition.autostart ?? false;
    const said = asksScripts === true ? await attributesOf(context, ref, type, autostart) : {};
    devices.push({
      ...placeOf(ref),
      type,
      autostart,
      active: true,
      defined: known?.definition !== undefined || known?.problem !== undefined,
      attributes: said.attributes ?? [],
      problem: said.problem,
    });
  }
  return { items: devices, problems: unreadable.map(problem) };
}

/** What a script that was installed for mdevctl says of an active device. */
async function attributesOf(
  { host: { root }, report, isRehearsal }: Context,
  ref: DefinitionRef,
  type: string,
  autostart: boolean,
): Promise<{ readonly attributes?: readonly NamedValue[]; readonly problem?: NodedevError }> {
  if (isRehearsal === true || root === undefined || !hasScripts(root)) return {};
  const { attributesFromScripts } = await import('../scripts/scripts.ts');
  const definition = { type, autostart, attributes: [], extra: {} };
  try {
    return { attributes: (await attributesFromScripts({ root, ref, definition, report })) ?? [] };
  } catch (error) {
    if (error instanceof NodedevError) return { problem: error };
    throw error;
  }
}

function definedDevices(context: Context, { uuid }: MdevctlFilter): Listed {
  const { items, problems } = context.definitions.refs();
  const wanted = items.filter((ref) => uuid === undefined || ref.uuid === uuid);
  // A file may be there in two spellings of its uuid.
  const refs = new Map(wanted.map((ref) => [`${ref.parent}/${ref.uuid}`, ref]));
  const devices = [...refs.values()]
    .flatMap((ref) => knownDevice(context, ref) ?? [])
    .flatMap((device) => definedDevice(context, device) ?? []);
  return { items: devices.toSorted(byParentAndUuid), problems };
}

function definedDevice(
  { host, definitions }: Context,
  { ref, active, definition, problem: reason }: KnownDevice,
): MdevctlDevice | undefined {
  const parent = host.parent(ref.parent);
  const content = definition?.definition ?? definitions.salvage(ref);
  if (content?.isFunction === true || (parent && takesType(parent))) return undefined;
  return {
    ...placeOf(ref),
    type: content?.type,
    autostart: content?.autostart ?? false,
    active: active !== undefined && active.type === content?.type,
    defined: true,
    attributes: content?.attributes ?? [],
    problem: reason,
  };
}

const placeOf = ({ uuid, parent }: DefinitionRef): DefinitionRef => ({ uuid, parent });

function byParentAndUuid(one: DefinitionRef, other: DefinitionRef): number {
  if (one.parent !== other.parent) return one.parent < other.parent ? -1 : 1;
  return one.uuid < other.uuid ? -1 : 1;
}
