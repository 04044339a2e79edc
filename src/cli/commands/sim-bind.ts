import type { Command } from '../command.ts';
import { absentDevice as device } from '../hardware-options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [jsonOption],
  description: 'The device offers its types again. Nothing is started: that is `start-parent`.',
  examples: [['sim bind pci_0000_86_00_0', 'the driver offers its types again']],
  failure: (args) => messages.bindFailed(args.get(device)),

  async run({ args, connect, output }) {
    const devices = await (await connect()).registerParent(args.get(device));
    output.noteChange();
    output.report('sim-bind', { devices });
    for (const name of devices) output.tell(messages.driverBound(name));
  },
};
