import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { devicesArgument, jsonOption } from '../options.ts';

export const command: Command = {
  arguments: [devicesArgument],
  options: [jsonOption],
  description:
    'All of the definitions are removed, or none. Active devices stay active. A definition file that cannot be read is removed as well.',
  examples: [['undefine 0695d332-7831-493f-9e71-1c85c8911a08', 'remove a definition']],
  failure(args, { code }) {
    const names = args.get(devicesArgument).join(', ');
    return code === 'device-unknown'
      ? messages.deviceNotFound(names)
      : messages.undefineFailed(names);
  },

  async run({ args, connect, output }) {
    const devices = await (await connect()).undefine(args.get(devicesArgument));
    output.report({ devices }, () => '');
    for (const { name } of devices) output.tell(messages.undefinedDevice(name));
  },
};
