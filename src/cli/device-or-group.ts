import type { Arguments } from './command.ts';
import { UsageError } from './failures.ts';
import * as messages from './messages.ts';
import type { Option } from './options.ts';

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
