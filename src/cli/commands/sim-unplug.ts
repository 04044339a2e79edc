import type { Command } from '../command.ts';
import { force, presentDevice as device, wait } from '../hardware-options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [force, wait, jsonOption],
  description:
    "With it goes what is below it, and a card's virtual functions. Their mediated devices are removed; definitions stay, and start again with `start-parent` when the parent is back.",
  examples: [
    ['sim unplug pci_0000_86_00_0', 'the GPU is gone, with its devices'],
    ['sim unplug pci_0000_86_00_0 --force', 'although a VM uses them'],
  ],
  failure: (args) => messages.unplugFailed(args.get(device)),

  async run({ args, connect, output }) {
    const options = { force: args.get(force), wait: args.get(wait) };
    const devices = await (await connect()).unplug(args.get(device), options);
    output.noteChange();
    output.report('sim-unplug', { devices });
    for (const name of devices) output.tell(messages.unplugged(name));
  },
};
