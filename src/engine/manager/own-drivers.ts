import type { Driver } from '../../drivers/driver.ts';
import { registerDriver } from '../../drivers/registry.ts';
import { NodedevError } from '../../errors.ts';
import { checkedDriver } from '../../host/simulated/own-driver.ts';

/** The drivers of a connection that are not part of this package. They are known until it is closed. */
export class OwnDrivers {
  readonly #held = new Map<string, { readonly driver: Driver; readonly end: () => void }>();

  /** @throws NodedevError `driver-invalid`; `host-refused` when there is a driver of this name (EEXIST) */
  add(given: object, module?: string): void {
    this.#hold(checkedDriver(given, module));
  }

  /**
   * Adds a driver for as long as `run` succeeds.
   *
   * @param isFree whether it may take the place of one of its name, which is unregistered
   */
  replacing<T>(given: object, isFree: boolean, run: () => T): T {
    const driver = checkedDriver(given);
    const before = isFree ? this.#held.get(driver.name)?.driver : undefined;
    if (before !== undefined) this.remove(driver.name);
    try {
      this.#hold(driver);
      try {
        return run();
      } catch (error) {
        this.remove(driver.name);
        throw error;
      }
    } catch (error) {
      if (before !== undefined) this.#hold(before);
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  remove(name: string): void {
    this.#held.get(name)?.end();
    this.#held.delete(name);
  }

  removeAll(): void {
    for (const name of this.#held.keys()) this.remove(name);
  }

  #hold(driver: Driver): void {
    const { name } = driver;
    if (this.#held.has(name)) throw driverExists(name);
    try {
      this.#held.set(name, { driver, end: registerDriver(driver) });
    } catch (error) {
      throw error instanceof RangeError ? driverExists(name) : error;
    }
  }
}

/** Runs something with drivers, which stay when it succeeds. */
export async function withDrivers<T>(
  given: readonly object[],
  run: (drivers: OwnDrivers) => Promise<T>,
): Promise<T> {
  const drivers = new OwnDrivers();
  try {
    for (const driver of given) drivers.add(driver);
    return await run(drivers);
  } catch (error) {
    drivers.removeAll();
    throw error;
  }
}

const driverExists = (name: string): NodedevError =>
  new NodedevError(
    'host-refused',
    `Unable to register driver '${name}': there is one already (EEXIST)`,
    {
      hint: `unregister it first, or give yours another name`,
    },
  );
