import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HARDWARE } from '../host/simulated/paths.ts';
import { sampleProfiles } from '../host/simulated/samples.ts';
import { nearMiss } from '../suggest.ts';
import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import { connectOption } from './options.ts';

/**
 * The connection URI: `-c`, else the one in the environment, else undefined for the default. What is no URI is a directory
 * (`sim:DIR`, or one that exists: a simulated host, else another root), else a profile, in memory.
 *
 * @throws UsageError for none of these
 */
export function connectionUri(args: Arguments, { env, cwd }: Io): string | undefined {
  const given = args.get(connectOption) ?? env['VIRT_NODEDEV_URI'];
  if (given === undefined || given === '') return undefined;
  const [, scheme, folder] = /^(sim|sysfs):(?!\/\/)(.+)$/su.exec(given) ?? [];
  if (folder !== undefined) return `${scheme}://${resolve(cwd, folder)}`;
  if (given.includes(':')) return given;
  const path = resolve(cwd, given);
  if (kindOf(path) === 'directory') {
    return `${kindOf(join(path, HARDWARE)) === 'file' ? 'sim' : 'sysfs'}://${path}`;
  }
  const profiles = sampleProfiles();
  if (profiles.includes(given)) return `test:///${given}`;
  const near = nearMiss(given, profiles);
  throw new UsageError(
    messages.noHost(given),
    near === undefined ? messages.hosts : messages.didYouMean(near),
  );
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return status.isDirectory() ? 'directory' : 'file';
}
