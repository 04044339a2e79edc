import type { SimulatedHost } from '../../host/simulated/host.ts';
import { readStartingDomain } from '../../domain/hook-domain.ts';
import { type Context, forCall } from '../context.ts';
import { functionUuid } from '../devices/functions.ts';
import { lookUpDevice } from '../devices/inventory.ts';
import { warningOf } from '../devices/list.ts';
import { oneSource } from '../devices/source-list.ts';
import { isHookInstalled } from '../ownership/hook-installed.ts';
import { openIn, startDomain, stopDomain } from '../ownership/domains.ts';
import { errnoUnknown, hostNotSimulated } from '../wording/messages.ts';
import { refusal } from '../wording/refusals.ts';
import type { NodeDeviceManager } from '../node-device-manager.ts';
import { transaction } from '../journal/transaction.ts';
import { toldError } from '../told-error.ts';
import type { OwnDrivers } from './own-drivers.ts';
import { activeInfos } from './shared.ts';

/**
 * The methods of simulated hosts.
 *
 * @param simulated the host of `context`, if it is a simulated one
 */
export function simulationMethods(
  uri: string,
  context: Context,
  simulated: SimulatedHost | undefined,
  drivers: OwnDrivers,
): Pick<
  NodeDeviceManager,
  | 'startDomain'
  | 'stopDomain'
  | 'resetHost'
  | 'failCall'
  | 'delayCall'
  | 'plug'
  | 'unplug'
  | 'registerParent'
  | 'unregisterParent'
  | 'registerDriver'
  | 'unregisterDriver'
  | 'mountHost'
  | 'runCommand'
  | 'attach'
  | 'runDomain'
> {
  const { store } = context;

  const simulatedHost = (): SimulatedHost => {
    if (simulated === undefined) throw hostNotSimulated(uri);
    return simulated;
  };

  /** For programs and VMs that may change it. */
  const writableHost = (): SimulatedHost => {
    const simulation = simulatedHost();
    store.requireWritable();
    return simulation;
  };

  return {
    async startDomain(source, options) {
      const simulation = simulatedHost();
      const { parseDomain } = await import('../../domain/parse-domain.ts');
      const { text, file } = oneSource(source);
      const own = forCall(context, options);
      // As libvirt does: first the hook, which starts the domain's devices.
      const starting = isHookInstalled(simulation) ? readStartingDomain(text, { file }) : undefined;
      // No hook is called for a domain that runs.
      const isRunning = starting && openIn(simulation, starting.name).length > 0;
      const hooked = isRunning === true ? undefined : starting;
      const run = hooked && (await import('../ownership/domain-run.ts'));
      if (hooked !== undefined) await run?.prepareDomain(own, hooked);
      try {
        return await transaction(own, (change) => {
          const uuidOf = (device: string) =>
            functionUuid(context, device) ?? lookUpDevice(context, change, device)?.ref.uuid;
          const domain = parseDomain(text, { file, uuidOf });
          const devices = startDomain(context, simulation, change, domain);
          const { name = '' } = domain;
          return orElse(
            () => activeInfos(context, change, devices),
            () => simulation.close({ domain: name }, devices),
          );
        });
      } catch (error) {
        if (hooked !== undefined) await run?.releaseDomain(own, hooked);
        throw error;
      }
    },

    async stopDomain(name, options) {
      const simulation = simulatedHost();
      const own = forCall(context, options);
      const isHooked = isHookInstalled(simulation);
      const closed = await transaction(own, (change) => {
        const devices = stopDomain(simulation, name);
        return orElse(
          () => activeInfos(context, change, devices),
          () => simulation.open(devices, { domain: name }),
        );
      });
      if (isHooked) {
        const { releaseDomain } = await import('../ownership/domain-run.ts');
        try {
          await releaseDomain(own, { name });
        } catch (error) {
          // The VM has stopped; libvirt, too, only logs what the hook says then.
          own.report(warningOf(toldError(error)));
        }
      }
      return closed;
    },

    async failCall(call, errno, { times = 1, ...options } = {}) {
      const simulation = simulatedHost();
      const { isErrno, setFailure } = await import('../../host/simulated/faults.ts');
      if (!isErrno(errno)) throw errnoUnknown(errno);
      await store.write(
        () => simulation.change(({ tree }) => setFailure(tree, call, errno, times)),
        forCall(context, options).signal,
      );
    },
    async delayCall(call, milliseconds, options) {
      const simulation = simulatedHost();
      const { setDelay } = await import('../../host/simulated/faults.ts');
      await store.write(
        () => simulation.change(({ tree }) => setDelay(tree, call, milliseconds)),
        forCall(context, options).signal,
      );
    },

    async plug(device, options) {
      const { plug } = await import('./hardware.ts');
      return plug(context, simulatedHost(), device, 'device', options);
    },
    async registerParent(device, options) {
      const { plug } = await import('./hardware.ts');
      return plug(context, simulatedHost(), device, 'driver', options);
    },
    async unplug(device, options) {
      const { unplug } = await import('./hardware.ts');
      return unplug(context, simulatedHost(), device, 'device', options);
    },
    async unregisterParent(device, options) {
      const { unplug } = await import('./hardware.ts');
      return unplug(context, simulatedHost(), device, 'driver', options);
    },

    async registerDriver(driver, options) {
      const { register } = await import('./drivers.ts');
      return register(context, simulatedHost(), drivers, driver, options);
    },
    async unregisterDriver(name, options) {
      const { unregister } = await import('./drivers.ts');
      return unregister(context, simulatedHost(), drivers, name, options);
    },

    async mountHost(mountpoint, options) {
      const simulation = writableHost();
      const { mountHost } = await import('../mount/mount-host.ts');
      return mountHost(context, simulation, mountpoint, options);
    },

    async runCommand(command, options) {
      const simulation = writableHost();
      const { runCommand } = await import('../mount/run-command.ts');
      return runCommand(context, simulation, command, options);
    },

    async attach(names, options) {
      const simulation = simulatedHost();
      const { attachDevices } = await import('../attach/attach-devices.ts');
      const devices = typeof names === 'string' ? [names] : names;
      return attachDevices(context, simulation, devices, options);
    },

    async runDomain(source, options) {
      const simulation = writableHost();
      const { runDomain } = await import('../attach/run-domain.ts');
      return runDomain(context, simulation, source, options);
    },

    async resetHost(options) {
      const simulation = simulatedHost();
      // The host gets a new boot id, so the store's records of active devices are no longer valid.
      await store.write(() => {
        try {
          simulation.reset();
        } catch (error) {
          throw refusal(error, `Unable to reset ${uri}`);
        }
      }, options?.signal);
    },
  };
}

/** What is said of a change; when that fails, the change is taken back. */
function orElse<T>(say: () => T, takeBack: () => unknown): T {
  try {
    return say();
  } catch (error) {
    takeBack();
    throw error;
  }
}
