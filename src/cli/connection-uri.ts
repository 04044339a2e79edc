import { uriOfWord } from '../engine/uri-of-word.ts';
import { sampleProfiles } from '../host/simulated/samples.ts';
import { nearMiss } from '../suggest.ts';
import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import type { Io } from './io.ts';
import * as messages from './messages.ts';
import { allowDriverOption, connectOption, lockTimeoutOption, readonlyOption } from './options.ts';

/**
 * The connection URI: `-c`, else the one in the environment, else undefined for the default.
 *
 * @throws UsageError for a word that means none
 */
export function connectionUri(args: Arguments, { env, cwd }: Io): string | undefined {
  const given = args.get(connectOption) ?? env['VIRT_NODEDEV_URI'];
  return given === undefined || given === '' ? undefined : uriOf(given, cwd);
}

/** What each connection of a command is opened with, also those to other hosts than `-c` names. */
export const connectionOptions = (args: Arguments, { env }: Io) =>
  ({
    readOnly: args.get(readonlyOption),
    profileDrivers: args.get(allowDriverOption) ? 'all' : 'trusted',
    lockTimeout: args.get(lockTimeoutOption),
    ssh: env['VIRT_NODEDEV_SSH'] || undefined,
  }) as const;

/** @throws UsageError for a word that means no host */
export function uriOf(given: string, cwd: string): string {
  const uri = uriOfWord(given, cwd);
  if (uri !== undefined) return uri;
  const near = nearMiss(given, sampleProfiles());
  throw new UsageError(
    messages.noHost(given),
    near === undefined ? messages.hosts : messages.didYouMean(near),
  );
}
