import { join } from 'node:path';
import { type HostDevice, HostError } from '../../host/host.ts';
import type { DeviceHolder } from '../../host/simulated/openings.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import { ATTACHED } from '../../host/simulated/paths.ts';
import { VfioDevice } from '../../host/vfio/device.ts';
import { MemoryFiles } from '../../host/vfio-user/memory-files.ts';
import type { Client, Service } from '../../host/vfio-user/serving.ts';
import type { Context } from '../context.ts';
import { mayGive } from '../../policy/give.ts';
import { requireAllowed } from '../../policy/verdict.ts';
import type { LockedMemory } from '../../host/vfio/locked-memory.ts';
import { deviceName } from '../devices/inventory.ts';
import { pictureOf } from '../devices/picture.ts';
import { attachWithoutModel, clientRefused } from '../wording/attach-messages.ts';
import { refusal } from '../wording/refusals.ts';
import type { VmAccounts } from './vm-accounts.ts';
import { vmOfProcess } from './vm-of-process.ts';

/**
 * Lets VMs open a device, one after the other. It is in use as long as one is connected. A group has one owner: what belongs to
 * another VM is not opened.
 *
 * @param accounts of the VMs that have devices of this attachment open
 */
export function serviceFor(
  context: Context,
  host: SimulatedHost,
  root: string,
  device: HostDevice,
  accounts: VmAccounts,
): Service {
  const { store, report } = context;
  const name = deviceName(device);
  const { uuid } = device.ref;
  /** Opened as by the peer; where it cannot be asked who that is, by this process. */
  const open = (
    holder: DeviceHolder,
    peer: number | undefined,
    locked: LockedMemory,
  ): Promise<Opened> =>
    store.write((view) => {
      // It may have been destroyed and created again.
      const now = host.find(uuid);
      if (now === undefined) throw new HostError('ENODEV', device.path);
      const domain = { name: holder.domain ?? '' };
      const usage = { domain, pid: peer, mdevs: [uuid], functions: [] };
      const picture = pictureOf(context, view, { forChange: true });
      requireAllowed(mayGive(picture, usage, { startsDevices: false }));
      const memory = new MemoryFiles(join(root, ATTACHED, uuid));
      try {
        const opened = new VfioDevice(
          modelOf(host, now),
          (region, size) => memory.create(region, size),
          locked,
        );
        host.open([now], holder);
        return { opened, memory, device: now };
      } catch (error) {
        memory.close();
        throw refusal(error, `Unable to open '${name}'`, { type: now.type });
      }
    });

  return {
    async admit(peer): Promise<Client> {
      const pid = peer ?? process.pid;
      const holder = { pid, servedBy: process.pid, domain: vmOfProcess(pid) };
      const {
        opened,
        memory,
        device: held,
      } = await open(holder, peer, accounts.open(pid)).catch((error: unknown) => {
        accounts.close(pid);
        throw error;
      });
      return {
        device: opened,
        fileOf: (region) => memory.descriptor(region),
        gone: async () => {
          memory.close();
          accounts.close(pid);
          await store.write(() => {
            // The host may have been reset since.
            if (host.holders(held).some((one) => one.pid === pid)) host.close(holder, [held]);
          });
        },
      };
    },
    report: (error) => report(clientRefused(name, error)),
  };
}

interface Opened {
  readonly opened: VfioDevice;
  readonly memory: MemoryFiles;
  readonly device: HostDevice;
}

/** Makes a device that works. @throws NodedevError `attach-failed`: nothing does */
export function modelOf(
  host: SimulatedHost,
  device: HostDevice,
): NonNullable<ReturnType<SimulatedHost['model']>> {
  const model = host.model(device);
  if (model === undefined) throw attachWithoutModel(deviceName(device), device.type);
  return model;
}
