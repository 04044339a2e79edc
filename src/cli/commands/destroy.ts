import type { Arguments, Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { jsonOption, textOption, listOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', {
  aliases: ['name'],
  completion: 'device',
});
const group = textOption('group', 'destroy all members of this group', { completion: 'group' });

export const command: Command = {
  arguments: [device],
  options: [group, jsonOption],
  description: 'All of the devices are destroyed, or none.',
  examples: [
    ['destroy 0695d332-7831-493f-9e71-1c85c8911a08', 'one device'],
    ['destroy --group group1', 'a group with all its members'],
  ],
  failure(args, { code }) {
    const name = args.get(group);
    if (name !== undefined) return messages.destroyGroupFailed(name);
    const names = args.get(device).join(', ');
    return code === 'device-unknown'
      ? messages.deviceNotFound(names)
      : messages.destroyFailed(names);
  },

  async run(context) {
    const { args, output } = context;
    const name = groupOf(args);
    const manager = await context.manager();
    const devices = await (name === undefined
      ? manager.destroy(args.get(device))
      : manager.destroyGroup(name));
    output.report({ devices }, () => '');
    for (const destroyed of devices) output.tell(messages.destroyed(destroyed.name));
  },
};

/** The group to destroy, or undefined for the devices named. */
function groupOf(args: Arguments): string | undefined {
  const name = args.get(group);
  const isNamed = args.get(device).length > 0;
  if (name === undefined && !isNamed) {
    throw new UsageError(
      messages.missingArgument('nodedev-destroy', device.name),
      messages.seeHelp('nodedev-destroy'),
    );
  }
  if (name !== undefined && isNamed) {
    throw new UsageError(messages.exclusive(device.name, group.name));
  }
  return name;
}
