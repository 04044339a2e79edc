import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { adoptOption, devicesArgument, jsonOption, requiredOption } from '../options.ts';

const group = requiredOption('group', 'name of the new group', { completion: 'group' });

export const command: Command = {
  changes: true,
  arguments: [group, devicesArgument],
  options: [adoptOption, jsonOption],
  description:
    'The devices, active or defined, leave the groups they are in. Nobody may use these, and no domain own them.',
  examples: [['group create pool VGPU1 VGPU2', 'a group of devices made before']],
  failure: (args) => messages.groupChangeFailed(args.get(group)),

  async run({ args, connect, output }) {
    const made = await (await connect()).createGroup(args.get(group), args.get(devicesArgument), {
      adopt: args.get(adoptOption),
    });
    output.report('group-create', made);
    output.tell(messages.groupCreated(made.name, made.members.length));
  },
};
