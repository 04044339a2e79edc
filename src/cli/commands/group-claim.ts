import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { adoptOption, jsonOption, requiredOption, textOption } from '../options.ts';

const group = requiredOption('group', 'name of the group, or of a device that others made', {
  completion: 'group',
});
const domain = requiredOption('domain', 'name of the domain');
const uuid = textOption('uuid', "the domain's uuid, where it is known");

export const command: Command = {
  changes: true,
  arguments: [group, domain],
  options: [uuid, adoptOption, jsonOption],
  description: 'A group has at most one owner. Claiming again for the same domain changes nothing.',
  examples: [['group claim group1 desktop', "make a group the domain desktop's"]],
  failure: (args) => messages.claimFailed(args.get(group)),

  async run({ args, connect, output }) {
    const claimed = await (await connect()).claim(
      args.get(group),
      { name: args.get(domain), uuid: args.get(uuid) },
      { adopt: args.get(adoptOption) },
    );
    output.report('group-claim', claimed);
    output.tell(messages.claimed(claimed.name, args.get(domain)));
  },
};
