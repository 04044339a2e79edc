import type { Command } from '../command.ts';
import { drivenDevice as device, force, wait } from '../hardware-options.ts';
import * as messages from '../messages.ts';
import { dryRunOption, jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [force, wait, dryRunOption, jsonOption],
  description:
    'The device stays, but offers no types. Its mediated devices are removed; definitions stay. A mediated device stays, too, ' +
    'and no VM can open it; since Linux 5.14 it takes no room of a driver that counts itself.',
  examples: [
    ['sim unbind pci_0000_86_00_0', "as when the driver's module is unloaded"],
    ['sim unbind 0695d332-7831-493f-9e71-1c85c8911a08', 'a vGPU, which no VM can open then'],
    [
      'sim unbind pci_0000_86_00_0 --wait 60',
      'once its VMs have stopped, if that takes a minute at most',
    ],
  ],
  failure: (args) => messages.unbindFailed(args.get(device)),

  async run({ args, connect, output }) {
    const options = { force: args.get(force), wait: args.get(wait) };
    const devices = await (await connect()).unregisterParent(args.get(device), options);
    output.noteChange();
    output.report('sim-unbind', { devices });
    for (const name of devices) output.tell(messages.driverUnbound(name));
  },
};
