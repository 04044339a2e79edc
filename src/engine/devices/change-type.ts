import type { HostDevice, HostType } from '../../host/host.ts';
import { mayDestroy } from '../../policy/destroy.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import type { Context } from '../context.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';
import { createOne } from './create.ts';
import { removeOne } from './destroy.ts';
import { recordOf } from './inventory.ts';
import { pictureOf } from './picture.ts';
import type { DeviceRequest } from './request.ts';
import { checkRoom } from './resolve-requests.ts';

/**
 * Gives a function another type. The driver refuses to overwrite one (EPERM), and what the function could take is not known
 * while it has one: so it is taken, the list is looked at again, and the other type is written and read back. When that fails, the
 * first type comes back with its attributes, or the error's `issues` say that it could not. Uuid, group, owner and name stay.
 *
 * The steps are a destroy and a create of one operation that is undone as a whole.
 *
 * @throws NodedevError `in-use`, `device-foreign`, `group-owned`, `no-instances`, `host-refused`
 */
export async function changeType(
  context: Context,
  change: StoreChange,
  steps: Steps,
  active: HostDevice,
  type: HostType,
  { request, adopt }: { readonly request: DeviceRequest; readonly adopt: boolean | undefined },
): Promise<void> {
  const { uuid, parent: address } = active.ref;
  const record = recordOf(change, active);
  const again = new Set([uuid]);
  const picture = pictureOf(context, change, { forChange: true });
  requireAllowed(mayDestroy(picture, [uuid], { adopt, again, isUpdate: true }));
  const parent = context.host.parent(address);
  if (parent === undefined) throw new Error(`parent ${address} is gone`);
  const group = record?.group ?? uuid;
  const device = { uuid, parent: address, group };
  steps.intend([
    { do: 'destroy', ...device, type: active.type, record },
    { do: 'create', ...device, type: type.id },
  ]);
  const owner = change.activeGroup(group)?.owner;
  await removeOne(context, change, steps, active);
  const placement = { request, parent, type, uuid, group };
  checkRoom(context, [placement]);
  await createOne(context, steps, placement);
  const { attributes, params, alias = record?.alias } = request;
  const created = context.now();
  change.addDevice({
    kind: 'device',
    uuid,
    parent: address,
    type: type.id,
    group,
    alias,
    attributes,
    params,
    created,
    planned: record?.planned,
  });
  if (owner !== undefined) change.setOwner(group, owner);
}
