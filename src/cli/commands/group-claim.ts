import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption, textOption } from '../options.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });
const domain = requiredOption('domain', 'name of the domain');
const uuid = textOption('uuid', "the domain's uuid, where it is known");

export const command: Command = {
  arguments: [group, domain],
  options: [uuid, jsonOption],
  description: 'A group has at most one owner. Claiming again for the same domain changes nothing.',
  examples: [['group claim group1 desktop', "make a group the domain desktop's"]],
  failure: (args) => messages.claimFailed(args.get(group)),

  async run({ args, manager, output }) {
    const claimed = await (await manager()).claim(args.get(group), {
      name: args.get(domain),
      uuid: args.get(uuid),
    });
    output.report(claimed, () => '');
    output.tell(messages.claimed(claimed.name, args.get(domain)));
  },
};
