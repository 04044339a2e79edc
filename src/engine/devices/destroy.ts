import { type Host, type HostDevice, HostError } from '../../host/host.ts';
import { PEER_UUID } from '../../host/peer-to-peer.ts';
import { appearance } from './appearance.ts';
import { attributeWrites } from './attribute-writes.ts';
import type { Context } from '../context.ts';
import { deviceName, recordOf } from './inventory.ts';
import type { DestroyIntent } from '../journal/journal.ts';
import { type DestroyOptions, mayDestroy } from '../../policy/destroy.ts';
import { noticesOf, requireAllowed } from '../../policy/verdict.ts';
import { peerUuidOf } from './peer-sets.ts';
import { pictureOf } from './picture.ts';
import { refusal } from '../wording/refusals.ts';
import type { DeviceRecord } from '../store/records.ts';
import type { Steps } from '../journal/steps.ts';
import type { StoreChange } from '../store/store.ts';

/**
 * Removes devices, as steps of a transaction. Use and ownership are checked before the first step. The undo creates a
 * device again with the attributes it was created with.
 *
 * @throws NodedevError `in-use` (by whom), `device-foreign`, `group-owned`, `domain-incomplete`,
 *   `host-refused`, `permission-denied`
 */
export async function destroyDevices(
  context: Context,
  change: StoreChange,
  steps: Steps,
  devices: readonly HostDevice[],
  options: DestroyOptions = {},
): Promise<void> {
  const picture = pictureOf(context, change, { forChange: true });
  const answer = mayDestroy(
    picture,
    devices.map(({ ref }) => ref.uuid),
    options,
  );
  requireAllowed(answer);
  for (const notice of noticesOf(answer)) context.report(notice);
  steps.intend(
    devices.map((device) => {
      const record = recordOf(change, device);
      const { uuid, parent } = device.ref;
      return { do: 'destroy', uuid, parent, type: device.type, group: record?.group, record };
    }),
  );
  for (const device of devices) await removeOne(context, change, steps, device);
}

/** Removes a device: one step. The operation has intended it. */
export async function removeOne(
  context: Context,
  change: StoreChange,
  steps: Steps,
  device: HostDevice,
): Promise<void> {
  const { host } = context;
  const { uuid } = device.ref;
  const record = recordOf(change, device);
  const peers = peerUuidOf(host, device);
  try {
    await steps.runPatiently(
      `destroyed ${uuid}`,
      () => {
        host.remove(device);
      },
      async (failure) => {
        if (failure !== undefined && host.find(uuid) !== undefined) return false;
        const again = await createAgain(context, { ...device.ref, type: device.type });
        applyRecord(host, again, record);
        if (peers !== undefined) host.setAttribute(again, PEER_UUID, peers);
        return true;
      },
      // What served a VM that just ended may still have a function.
      (error) => error instanceof HostError && error.mayPass,
    );
  } catch (error) {
    throw refusal(error, `Unable to destroy '${deviceName(device)}'`, { type: device.type });
  }
  change.deleteDevice(uuid);
}

/** Creates a destroyed device once more. */
export async function createAgain(
  { host }: Context,
  { uuid, parent: address, type }: Omit<DestroyIntent, 'do'>,
): Promise<HostDevice> {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(`parent ${address} is gone`);
  host.create(parent, type, uuid);
  return appearance(host, uuid, parent);
}

/** Writes the recorded attributes and params of a device that was created again. */
export function applyRecord(
  host: Host,
  device: HostDevice,
  record: DeviceRecord | undefined,
): void {
  if (record === undefined) return;
  for (const { name, value } of attributeWrites(device.type, record)) {
    host.setAttribute(device, name, value);
  }
}
