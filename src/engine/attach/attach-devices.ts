import type { HostDevice } from '../../host/host.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import { VfioDevice } from '../../host/vfio/device.ts';
import { loadKoffi, NativeCalls } from '../../host/vfio-user/native-calls.ts';
import { serveNative } from '../../host/vfio-user/native-socket.ts';
import { servePlain } from '../../host/vfio-user/plain-socket.ts';
import type { ServedSocket } from '../../host/vfio-user/serving.ts';
import { type Context, forCall } from '../context.ts';
import type { AttachedDevice } from '../listed-device.ts';
import { deviceName } from '../devices/inventory.ts';
import { find } from '../manager/shared.ts';
import {
  attachedAlready,
  attachInactive,
  attachInMemory,
  attachNeedsDescriptors,
} from '../wording/attach-messages.ts';
import type { Attachment, AttachOptions } from './attachment.ts';
import { modelOf, serviceFor } from './served-device.ts';
import { VmAccounts } from './vm-accounts.ts';
import { clearSocket, socketFolderFor, socketPath } from './socket-places.ts';

/** A device and where it is served. */
interface Place extends AttachedDevice {
  readonly device: HostDevice;
}

/** Serves devices of a simulated host to VMs, all or none. A VM that connects opens the device, as any process does. */
export async function attachDevices(
  context: Context,
  host: SimulatedHost,
  names: readonly string[],
  options: AttachOptions = {},
): Promise<Attachment> {
  const { root } = host;
  if (root === undefined) throw attachInMemory();
  const { store, signal } = forCall(context, options);
  const koffi = await loadKoffi().catch(reasonOf);
  const lacking = typeof koffi === 'string' ? koffi : undefined;
  const places = await store.write((view) => {
    const folder = socketFolderFor(root, options.socketDir);
    const wanted = find(context, view, names).map(({ ref, active }) => {
      if (active === undefined) throw attachInactive(ref.uuid);
      return placeOf(host, active, folder, lacking);
    });
    for (const { device, socket } of wanted) {
      clearSocket(socket);
      host.setAttached(device, { pid: process.pid, socket });
    }
    return wanted;
  }, signal);

  const accounts = new VmAccounts();
  const served: ServedSocket[] = [];
  const detach = async (): Promise<void> => {
    await Promise.all(served.splice(0).map((socket) => socket.close()));
    await store.write(() => {
      for (const { device, socket } of places) {
        if (host.attachedAt(device)?.socket !== socket) continue;
        host.setAttached(device, undefined);
        clearSocket(socket);
      }
    });
  };
  try {
    for (const { device, socket } of places) {
      const service = serviceFor(context, host, root, device, accounts);
      served.push(
        typeof koffi === 'string'
          ? await servePlain(socket, service)
          : serveNative(new NativeCalls(koffi), socket, service),
      );
    }
  } catch (error) {
    await detach();
    throw error;
  }
  const devices = places.map(({ name, uuid, socket }) => ({ name, uuid, socket }));
  return { devices, detach, [Symbol.asyncDispose]: detach };
}

/** @param lacking why no descriptors can be received; undefined: they can */
function placeOf(
  host: SimulatedHost,
  device: HostDevice,
  folder: string,
  lacking: string | undefined,
): Place {
  const name = deviceName(device);
  const { uuid } = device.ref;
  const served = host.attachedAt(device);
  if (served !== undefined) throw attachedAlready(name, served.pid);
  const probe = new VfioDevice(modelOf(host, device), noMemory);
  if (lacking !== undefined && probe.irqInfo(0).count > 0) {
    throw attachNeedsDescriptors(name, lacking);
  }
  return { device, name, uuid, socket: socketPath(folder, uuid) };
}

/** For a device that is only asked what it has. */
const noMemory: ConstructorParameters<typeof VfioDevice>[1] = (_, size) => ({
  size,
  read: (_offset, count) => new Uint8Array(count),
  write: () => undefined,
});

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
