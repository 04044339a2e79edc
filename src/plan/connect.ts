import { resolve } from 'node:path';
import { type ConnectOptions, openManager } from '../engine/open.ts';
import type { SourceText } from '../engine/sources.ts';
import type { Layout } from '../host/simulated/profile.ts';
import { asOurs } from '../engine/told-error.ts';
import { checkConnect, checkInit, guarded } from './check-arguments.ts';
import { type Connection, withPlanning } from './connection.ts';

/** Connects to a host of this machine. `connect` of `remote/` says what the URIs are. */
export async function connectHere(uri?: string, options?: ConnectOptions): Promise<Connection> {
  checkConnect(uri, options);
  try {
    return guarded(withPlanning(await openManager(uri, options)));
  } catch (error) {
    throw asOurs(error);
  }
}

/** Options for making a simulated host, and for the connection to it. */
export interface SimulatedHostOptions extends ConnectOptions {
  /** `v7`: types and devices have the files of the series of 2016. Absent: those that Linux has. */
  readonly layout?: Layout | undefined;
}

/**
 * Makes a simulated host and connects to it. Later connections are to `sim:///DIRECTORY`.
 *
 * @param directory empty, or not there yet
 * @param profile a name of `sampleProfiles()`, or the XML of a profile; with its file, drivers that it names are beside it
 * @throws NodedevError `profile-invalid` and those of reading XML, before anything is written; `name-exists` when there
 *   is something in the directory; `permission-denied` or `store-failed` when it cannot be made
 */
export async function initSimulatedHost(
  directory: string,
  profile: string | Uint8Array | SourceText,
  options?: SimulatedHostOptions,
): Promise<Connection> {
  checkInit(directory, profile, options);
  const { layout, ...connectOptions } = options ?? {};
  const { initHost } = await import('../engine/init-host.ts');
  const folder = resolve(directory);
  const { text, file } =
    typeof profile === 'string' || profile instanceof Uint8Array
      ? { text: profile, file: undefined }
      : profile;
  try {
    await initHost(folder, text, { ...connectOptions, readOnly: false, layout, file });
    return await connectHere(`sim://${folder}`, connectOptions);
  } catch (error) {
    throw asOurs(error);
  }
}
