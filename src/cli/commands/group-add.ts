import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { adoptOption, jsonOption, listOption, requiredOption } from '../options.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });
const device = listOption('device', 'name or uuid of a device', {
  required: true,
  completion: 'device',
});

export const command: Command = {
  arguments: [group, device],
  options: [adoptOption, jsonOption],
  description:
    'The devices, active or defined, leave the groups they are in, and belong to the owner of the new one. Nobody may use any of these groups.',
  examples: [['group add group1 VGPU', 'one more member']],
  failure: (args) => messages.groupChangeFailed(args.get(group)),

  async run({ args, connect, output }) {
    const grown = await (await connect()).addToGroup(args.get(group), args.get(device), {
      adopt: args.get(adoptOption),
    });
    output.report(grown, () => '');
    for (const one of args.get(device)) output.tell(messages.groupJoined(one, grown.name));
  },
};
