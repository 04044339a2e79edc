import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption, requiredOption } from '../options.ts';

const group = requiredOption('group', 'name of the group, or a device of it: name, uuid, address', {
  completion: 'group',
});

export const command: Command = {
  changes: true,
  arguments: [group],
  options: [dryRunOption, jsonOption],
  examples: [['group release group1', 'take a group back from its domain']],
  failure: (args) => messages.releaseFailed(args.get(group)),

  async run({ args, connect, output }) {
    const released = await (await connect()).release(args.get(group));
    output.report('group-release', released);
    output.tell(messages.released(released.name));
  },
};
