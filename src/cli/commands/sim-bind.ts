import type { Command } from '../command.ts';
import { drivenDevice as device } from '../hardware-options.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [dryRunOption, jsonOption],
  description:
    'The device offers its types again; nothing is started: that is `start-parent`. A mediated device that was unbound can be opened ' +
    'again, if there still is room for it.',
  examples: [
    ['sim bind pci_0000_86_00_0', 'the driver offers its types again'],
    ['sim bind 0695d332-7831-493f-9e71-1c85c8911a08', 'a vGPU, which VMs can open again'],
  ],
  failure: (args) => messages.bindFailed(args.get(device)),

  async run({ args, connect, output }) {
    const devices = await (await connect()).registerParent(args.get(device));
    output.noteChange();
    output.report('sim-bind', { devices });
    for (const name of devices) output.tell(messages.driverBound(name));
  },
};
