import type { OwnDriver } from '../../drivers/driver.ts';
import { profileDriver } from '../../drivers/registry.ts';
import { HostError } from '../../host/host.ts';
import { MDEV_DRIVERS } from '../../host/sysfs/paths.ts';
import { checkedDriver } from '../../host/simulated/own-driver.ts';
import { isLoaded } from '../../host/simulated/unloaded.ts';
import { loadDriver, unloadDriver } from '../../host/simulated/loading.ts';
import type { SimulatedHost } from '../../host/simulated/host.ts';
import type { Simulation } from '../../host/simulated/simulation.ts';
import { type Context, forCall } from '../context.ts';
import type { CallOptions } from '../call-options.ts';
import type { LeaveOptions } from '../simulation-options.ts';
import { attempt, namesOf, untilGone } from './hardware.ts';
import type { OwnDrivers } from './own-drivers.ts';

const MEANINGS: Parameters<typeof attempt>[2] = {
  EEXIST: ['it is registered already', 'unregister it first'],
  ENOENT: ['no card of this host has it', "its profile's cards say which drivers they have"],
};

/** One that no card has binds nothing. */
const hasCards = ({ hardware }: Simulation, name: string): boolean =>
  hardware.cards.some(({ driver }) => driver.name === name);

/** Registers a driver; the methods of the manager say what is thrown. */
export async function register(
  context: Context,
  simulated: SimulatedHost,
  drivers: OwnDrivers,
  driver: OwnDriver | string,
  options?: CallOptions,
): Promise<readonly string[]> {
  const { store, signal } = forCall(context, options);
  const name = typeof driver === 'string' ? driver : checkedDriver(driver).name;
  const come = () =>
    simulated.change((simulation) =>
      typeof driver === 'string'
        ? loadKnown(simulation, name)
        : drivers.replacing(driver, !isLoaded(simulation.tree, { name }), () => {
            simulation.reread();
            return hasCards(simulation, name) ? loadDriver(simulation, name) : [];
          }),
    );
  const doing = `Unable to register driver '${name}'`;
  return namesOf(await store.write(() => attempt(doing, come, MEANINGS), signal));
}

function loadKnown(simulation: Simulation, name: string): ReturnType<typeof loadDriver> {
  if (profileDriver(name) === undefined) throw new HostError('ENOENT', `${MDEV_DRIVERS}/${name}`);
  return loadDriver(simulation, name);
}

/** Unregisters a driver. While it waits, no lock is held. */
export async function unregister(
  context: Context,
  simulated: SimulatedHost,
  drivers: OwnDrivers,
  name: string,
  { force = false, wait, ...options }: LeaveOptions = {},
): Promise<readonly string[]> {
  const { store, signal } = forCall(context, options);
  const used = force ? 'take' : wait === undefined ? 'refuse' : 'wait';
  const doing = `Unable to unregister driver '${name}'`;
  const go = () =>
    simulated.change((simulation) => {
      if (!drivers.has(name) || hasCards(simulation, name)) {
        return unloadDriver(simulation, name, used);
      }
      drivers.remove(name);
      return [];
    });
  const gone = await store.write(() => attempt(doing, go, MEANINGS), signal);
  return untilGone(simulated, gone, doing, wait, signal);
}
