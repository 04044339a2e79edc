import type { Command } from '../command.ts';
import { deviceOrGroup } from '../device-or-group.ts';
import * as messages from '../messages.ts';
import { hotplugOption, jsonOption, listOption, textOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', { completion: 'device' });
const group = textOption('group', 'start all inactive members of this group', {
  completion: 'group',
});

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [group, hotplugOption, jsonOption],
  description: 'All of the devices are started, or none.',
  examples: [
    ['start 0695d332-7831-493f-9e71-1c85c8911a08', 'one defined device'],
    ['start --group group1', 'what a group has of inactive members'],
  ],
  failure(args, { code }) {
    const name = args.get(group);
    if (name !== undefined) return messages.startGroupFailed(name);
    const names = args.get(device).join(', ');
    return code === 'device-unknown'
      ? messages.deviceNotFound(names)
      : messages.startDeviceFailed(names);
  },

  async run({ args, connect, output }) {
    const wanted = deviceOrGroup(args, 'nodedev-start', device, group);
    const host = await connect();
    const options = { allowHotplug: args.get(hotplugOption) };
    const devices = await ('group' in wanted
      ? host.startGroup(wanted.group, options)
      : host.start(wanted.devices, options));
    output.report('start', { devices });
    for (const { name } of devices) output.tell(messages.started(name));
  },
};
