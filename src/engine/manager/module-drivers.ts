import { basename, join } from 'node:path';
import { readRegularFile } from '../../bounded-read.ts';
import type { Driver } from '../../drivers/driver.ts';
import { notLoaded } from '../../drivers/not-loaded.ts';
import type { ModuleDrivers } from '../../drivers/registry.ts';
import { NodedevError } from '../../errors.ts';
import {
  driverFile,
  readDriverFile,
  readTrustedDriver,
} from '../../host/simulated/driver-files.ts';
import { modulesIn } from '../../host/simulated/hardware-file.ts';
import { loadModule } from '../../host/simulated/load-module.ts';
import { HARDWARE } from '../../host/simulated/paths.ts';
import type { OwnDrivers } from './own-drivers.ts';

/**
 * Which drivers are run that a host's profile brought as files: `trusted`, those that only the caller or root can have
 * written; `all`; `none`: nothing can be changed then.
 */
export type ProfileDrivers = 'trusted' | 'all' | 'none';

/** A profile's drivers with the texts of their files. */
export interface LoadedModules {
  readonly modules: ModuleDrivers;
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Runs the drivers that a host's profile brought as files.
 *
 * @returns undefined: it brought none
 * @throws NodedevError `driver-refused`, `driver-invalid`
 */
export async function loadHostModules(
  root: string,
  drivers: OwnDrivers,
  which: ProfileDrivers,
): Promise<ModuleDrivers | undefined> {
  const names = modulesIn(readRegularFile(join(root, HARDWARE)).toString());
  if (names.length === 0) return undefined;
  if (which === 'none') {
    const placeholders = new Map(names.map((name) => [name, notLoaded(name)]));
    return (name) => placeholders.get(name);
  }
  const read = which === 'all' ? readDriverFile : readTrustedDriver;
  const pathOf = (name: string): string => driverFile(root, name);
  return (await loadAll(names, drivers, pathOf, read)).modules;
}

/** Runs the drivers beside a profile, which the caller wants run. */
export async function loadProfileModules(
  names: readonly string[],
  folder: string,
  drivers: OwnDrivers,
): Promise<LoadedModules> {
  return loadAll(names, drivers, (name) => join(folder, basename(name)), readDriverFile);
}

async function loadAll(
  names: readonly string[],
  drivers: OwnDrivers,
  pathOf: (name: string) => string,
  read: (path: string) => Uint8Array,
): Promise<LoadedModules> {
  const loaded = new Map<string, Driver>();
  const sources = new Map<string, string>();
  for (const name of names) {
    const path = pathOf(name);
    const text = attempt(path, () => read(path));
    loaded.set(name, drivers.add(await loadModule(text, path), name));
    sources.set(name, new TextDecoder().decode(text));
  }
  return { modules: (name) => loaded.get(name), sources };
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof NodedevError || !(cause instanceof Error)) throw cause;
    const code = 'code' in cause ? String(cause.code) : cause.message;
    throw new NodedevError('driver-invalid', `The driver ${path} cannot be read: ${code}`, {
      hint: 'it is a file beside the profile, or in sim/drivers of a simulated host, of 1 MiB at most',
      cause,
    });
  }
}
