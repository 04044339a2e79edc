import { groupBy } from '../../group-by.ts';
import { type HostDevice, HostError } from '../../host/host.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { appearance } from './appearance.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from '../context.ts';
import { groupToJoin } from './groups.ts';
import { reportChangedTypes } from './guest-facts.ts';
import { pictureOf } from './picture.ts';
import { parentName } from './inventory.ts';
import { peerWrites } from './peer-sets.ts';
import { mayJoin } from '../../policy/claim.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import type { HotplugOptions } from '../call-options.ts';
import { checkResources } from './resources.ts';
import { checkRoom, type ResolvedRequest } from './resolve-requests.ts';
import { creating } from '../wording/messages.ts';
import { refusal } from '../wording/refusals.ts';
import { MayAppear, type Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';

/**
 * Creates devices, as steps of a transaction. Everything that can be checked is checked before the first write.
 *
 * @param planned for a desired state
 * @returns the devices, in the order of the placements
 * @throws NodedevError `uuid-exists`, `no-instances`, `hotplug-refused`, `host-refused`, `host-timeout`
 */
export async function createDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  placements: readonly ResolvedRequest[],
  { allowHotplug = false, planned }: HotplugOptions & { readonly planned?: true } = {},
): Promise<readonly HostDevice[]> {
  checkRoom(context, placements);
  for (const [name, joining] of groupBy(placements, (placement) => placement.group)) {
    groupToJoin(context, change, name);
    const devices = joining.map(({ uuid, parent, type }) => {
      return { uuid, parent: parent.address, type: type.id };
    });
    const picture = pictureOf(context, change, { forChange: true });
    requireAllowed(
      mayJoin(picture, name, devices, allowHotplug),
      (uuid) => joining.find((each) => each.uuid === uuid)?.request.location,
    );
  }
  checkResources(
    context,
    placements.map(({ uuid, parent, type, request }) => ({
      uuid,
      parent: parent.address,
      type: type.id,
      writes: attributeWrites(type.id, request),
      location: request.location,
      doing: creating(uuid, type.id, parentName(parent)),
    })),
  );
  reportChangedTypes(
    context,
    change,
    placements.map(({ uuid, parent, type }) => {
      return { uuid, parent: parent.address, type: type.id };
    }),
  );
  steps.intend(
    placements.map(({ uuid, parent, type, group }) => ({
      do: 'create',
      uuid,
      parent: parent.address,
      type: type.id,
      group,
    })),
  );
  const devices: HostDevice[] = [];
  for (const placement of placements) {
    const { group, request } = placement;
    const device = await createOne(context, steps, placement, (made) =>
      peerWrites(context.host, change, made, group),
    );
    const { uuid, parent } = device.ref;
    const { alias, attributes, params } = request;
    const { type } = device;
    const created = context.now();
    change.addDevice({
      kind: 'device',
      uuid,
      parent,
      type,
      group,
      alias,
      attributes,
      params,
      created,
      planned,
    });
    devices.push(device);
  }
  return devices;
}

const isExisting = (error: unknown): boolean =>
  error instanceof HostError && error.errno === 'EEXIST';

/**
 * Creates a device and writes its attributes: one step. The operation has intended it.
 *
 * @param further what is written after its own attributes
 */
export async function createOne(
  context: Context,
  steps: Steps,
  { parent, type, uuid, request }: ResolvedRequest,
  further: (device: HostDevice) => readonly NamedValue[] = () => [],
): Promise<HostDevice> {
  const { host, signal } = context;
  let hasAppeared = false;
  try {
    steps.run(
      `created ${uuid}`,
      () => {
        host.create(parent, type.id, uuid);
      },
      (failure) => {
        const created = host.find(uuid);
        if (failure === undefined && created === undefined && !hasAppeared) {
          throw new MayAppear(uuid);
        }
        // After EEXIST it is another program's.
        const isOurs = created?.ref.parent === parent.address && created.type === type.id;
        if (!isOurs || isExisting(failure)) return false;
        host.remove(created);
        return true;
      },
    );
    const device = host.find(uuid) ?? (await appearance(host, uuid, parent, signal));
    hasAppeared = true;
    for (const { name, value } of [...attributeWrites(type.id, request), ...further(device)]) {
      host.setAttribute(device, name, value);
    }
    return device;
  } catch (error) {
    const doing = creating(uuid, type.id, parentName(parent));
    throw refusal(error, doing, { type: type.id, location: request.location });
  }
}
