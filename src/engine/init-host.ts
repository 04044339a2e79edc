import { dirname, resolve } from 'node:path';
import { isModuleName } from '../drivers/not-loaded.ts';
import { NodedevError } from '../errors.ts';
import { checkSimulatedHost, makeSimulatedHost } from '../host/simulated/init.ts';
import type { Layout } from '../host/simulated/profile.ts';
import { attributeOf, childElements } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';
import { loadProfileModules, type ProfileDrivers } from './manager/module-drivers.ts';
import { withDrivers } from './manager/own-drivers.ts';
import { readOnly as refusedReadOnly } from './wording/messages.ts';
import type { OwnDriver } from '../drivers/driver.ts';

/** Of making a simulated host. */
export interface InitHostOptions {
  /** The profile's file: its drivers are beside it. */
  readonly file?: string | undefined;
  readonly layout?: Layout | undefined;
  /** Only checks whether it could be made. */
  readonly dryRun?: boolean | undefined;
  /** Refuses to make one. */
  readonly readOnly?: boolean | undefined;
  /** What that is relative to; by default the process's own folder. */
  readonly cwd?: string | undefined;
  /** Drivers that a program brings. */
  readonly drivers?: readonly OwnDriver[] | undefined;
  /** `all`: drivers that the profile names as files are run and copied; they are refused otherwise. */
  readonly profileDrivers?: ProfileDrivers | undefined;
}

/**
 * Makes a simulated host, with the drivers that its profile names as files; as {@link makeSimulatedHost}.
 *
 * @returns the profile's name
 * @throws NodedevError also `driver-refused` and `driver-invalid`, before anything is written
 */
export async function initHost(
  folder: string,
  profile: string | Uint8Array,
  {
    file,
    cwd = '.',
    drivers = [],
    profileDrivers,
    layout,
    dryRun = false,
    readOnly = false,
  }: InitHostOptions,
): Promise<string> {
  if (readOnly) throw refusedReadOnly();
  return withDrivers(drivers, async (own) => {
    const names = moduleNames(profile, file);
    const [first] = names;
    if (first !== undefined && profileDrivers !== 'all') throw notAllowed(first);
    if (first !== undefined && file === undefined) throw withoutFile(first);
    const loaded =
      first === undefined || file === undefined
        ? undefined
        : await loadProfileModules(names, dirname(resolve(cwd, file)), own);
    const options = { file, layout, ...loaded };
    const profileName = dryRun
      ? checkSimulatedHost(folder, profile, options)
      : makeSimulatedHost(folder, profile, options).profileName;
    own.removeAll();
    return profileName;
  });
}

/** The files that a profile names as drivers. What is wrong with the profile is found by its reader. */
function moduleNames(profile: string | Uint8Array, file?: string): readonly string[] {
  if (typeof profile === 'string' && !profile.includes('<')) return [];
  const names = childElements(readXml(profile, { name: 'profile', file }).root, 'card').flatMap(
    (card) => attributeOf(card, 'driver') ?? [],
  );
  return [...new Set(names.filter(isModuleName))];
}

const notAllowed = (name: string): NodedevError =>
  new NodedevError('driver-refused', `The profile brings a driver, ${name}, which is not run`, {
    hint: "it would run with your rights: read it, then the option `profileDrivers: 'all'` runs it and copies it into the host",
  });

const withoutFile = (name: string): NodedevError =>
  new NodedevError(
    'driver-refused',
    `The profile brings a driver, ${name}, but has no file that it is beside`,
    {
      hint: 'give the profile as a file',
    },
  );
