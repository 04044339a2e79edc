import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { devicesArgument, jsonOption, requiredOption } from '../options.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });

export const command: Command = {
  changes: true,
  arguments: [group, devicesArgument],
  options: [jsonOption],
  description:
    'Each of the devices is in a group of its own then. Nobody may use the group, and no domain own it.',
  examples: [['group remove group1 VGPU', 'one member less']],
  failure: (args) => messages.groupChangeFailed(args.get(group)),

  async run({ args, connect, output }) {
    const devices = await (await connect()).removeFromGroup(
      args.get(group),
      args.get(devicesArgument),
    );
    output.report('group-remove', { devices });
    for (const one of args.get(devicesArgument))
      output.tell(messages.groupLeft(one, args.get(group)));
  },
};
