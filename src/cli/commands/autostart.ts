import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, requiredOption } from '../options.ts';

const device = requiredOption('device', 'name or uuid of the device', { completion: 'device' });
const disable = flagOption('disable', 'do not start it');

export const command: Command = {
  arguments: [device],
  options: [disable, jsonOption],
  description: 'A parent appears at boot, and when its driver is loaded again.',
  examples: [
    ['autostart 0695d332-7831-493f-9e71-1c85c8911a08', 'start it at every boot'],
    ['autostart 0695d332-7831-493f-9e71-1c85c8911a08 --disable', 'no longer'],
  ],
  failure: (args, { code }) =>
    code === 'device-unknown'
      ? messages.deviceNotFound(args.get(device))
      : messages.autostartFailed(args.get(device), !args.get(disable)),

  async run({ args, connect, output }) {
    const enabled = !args.get(disable);
    const info = await (await connect()).autostart(args.get(device), enabled);
    output.report(info, () => '');
    output.tell(messages.autostarted(info.name, enabled));
  },
};
