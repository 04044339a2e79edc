import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption } from '../options.ts';

const domain = requiredOption('domain', 'name of the domain');

export const command: Command = {
  changes: true,
  arguments: [domain],
  options: [jsonOption],
  examples: [['sim stop desktop', 'close what the VM has open']],
  failure: (args) => messages.stopFailed(args.get(domain)),

  async run({ args, connect, output }) {
    const devices = await (await connect()).stopDomain(args.get(domain));
    output.noteChange();
    output.report('sim-stop', { devices });
    for (const { name } of devices) output.tell(messages.closed(name));
  },
};
