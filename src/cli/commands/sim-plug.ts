import type { Command } from '../command.ts';
import { absentDevice as device } from '../hardware-options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [jsonOption],
  description:
    "What is below it comes, too, and a card's virtual functions; their drivers are bound. Nothing is started: udev's rule does that on a real host, `start-parent` here.",
  examples: [['sim plug pci_0000_86_00_0', 'a GPU is there again, with its types']],
  failure: (args) => messages.plugFailed(args.get(device)),

  async run({ args, connect, output }) {
    const devices = await (await connect()).plug(args.get(device));
    output.noteChange();
    output.report('sim-plug', { devices });
    for (const name of devices) output.tell(messages.plugged(name));
  },
};
