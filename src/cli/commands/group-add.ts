import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { adoptOption, devicesArgument, jsonOption, requiredOption } from '../options.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });

export const command: Command = {
  changes: true,
  arguments: [group, devicesArgument],
  options: [adoptOption, jsonOption],
  description:
    'The devices, active or defined, leave the groups they are in, and belong to the owner of the new one. Nobody may use any of these groups.',
  examples: [['group add group1 VGPU', 'one more member']],
  failure: (args) => messages.groupChangeFailed(args.get(group)),

  async run({ args, connect, output }) {
    const grown = await (await connect()).addToGroup(args.get(group), args.get(devicesArgument), {
      adopt: args.get(adoptOption),
    });
    output.report('group-add', grown);
    for (const one of args.get(devicesArgument)) output.tell(messages.groupJoined(one, grown.name));
  },
};
