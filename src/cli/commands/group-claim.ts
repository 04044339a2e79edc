import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { adoptOption, dryRunOption, jsonOption, requiredOption, textOption } from '../options.ts';

const group = requiredOption('group', 'name of the group, or a device of it: name, uuid, address', {
  completion: 'group',
});
const domain = requiredOption('domain', 'name of the domain', { completion: 'domain' });
const uuid = textOption('uuid', "the domain's uuid, where it is known", {
  completion: 'domain-uuid',
});

export const command: Command = {
  changes: true,
  arguments: [group, domain],
  options: [uuid, adoptOption, dryRunOption, jsonOption],
  description:
    'A group has at most one owner. Claiming again for the same domain changes nothing. What a scheduler of many hosts has given away is ' +
    'named by its uuid, or by the PCI address of its function.',
  examples: [
    ['group claim group1 desktop', "make a group the domain desktop's"],
    ['group claim 0000:42:00.5 default_vm1', 'the same for the device that a function is'],
  ],
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
