import type { Connection } from '../plan/connection.ts';
import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';
import { type Option, textOption } from './options.ts';

/**
 * The devices or the group in the command line, for commands that accept either.
 *
 * @param command the command's name, for messages
 * @throws UsageError for neither, and for both
 */
export function deviceOrGroup(
  args: Arguments,
  command: string,
  device: Option<readonly string[]>,
  group: Option<string | undefined>,
): { readonly devices: readonly string[] } | { readonly group: string } {
  const devices = args.get(device);
  const name = args.get(group);
  if (name === undefined && devices.length === 0) {
    throw new UsageError(messages.missingArgument(command, device.name), messages.seeHelp(command));
  }
  if (name === undefined) return { devices };
  if (devices.length > 0) throw new UsageError(messages.exclusive(device.name, group.name));
  return { group: name };
}

/** For commands about definitions. */
export const definedGroupOption = textOption('group', 'all defined members of this group', {
  completion: 'group',
});

/**
 * The defined members of a group; all members when none is defined, which is then refused with their names.
 *
 * @param ifExists whether a group that is not there has none
 *
 * @throws NodedevError `group-unknown`
 */
export async function definedMembers(
  host: Connection,
  group: string,
  ifExists = false,
): Promise<readonly string[]> {
  if (ifExists && (await host.groups()).every(({ name }) => name !== group)) return [];
  const { members } = await host.group(group);
  const filter = { capabilities: ['mdev'], state: 'all', persistent: true } as const;
  const defined = new Set((await host.list(filter)).items.map(({ name }) => name));
  const names = members.map(({ name }) => name);
  const those = names.filter((name) => defined.has(name));
  return those.length > 0 ? those : names;
}
