import type { Command } from '../command.ts';
import { deviceOrGroup } from '../device-or-group.ts';
import * as messages from '../messages.ts';
import { adoptOption, jsonOption, listOption, numberOption, textOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', {
  aliases: ['name'],
  completion: 'device',
});
const group = textOption('group', 'destroy all members of this group', { completion: 'group' });
const wait = numberOption('wait', 'how long to wait for devices in use to be closed', {
  placeholder: 'SECONDS',
});

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [group, adoptOption, wait, jsonOption],
  description:
    'All of the devices are destroyed, or none. Refused are devices in use, those of a group that belongs to a domain, a part of those that the configuration of a domain names, and those that others made.',
  examples: [
    ['destroy 0695d332-7831-493f-9e71-1c85c8911a08', 'one device'],
    ['destroy --group group1', 'a group with all its members'],
    ['destroy --group group1 --wait 60', 'once its VM has stopped, if that takes a minute at most'],
  ],
  failure(args, { code }) {
    const name = args.get(group);
    if (name !== undefined) return messages.destroyGroupFailed(name);
    const names = args.get(device).join(', ');
    return code === 'device-unknown'
      ? messages.deviceNotFound(names)
      : messages.destroyFailed(names);
  },

  async run({ args, connect, output }) {
    const wanted = deviceOrGroup(args, 'nodedev-destroy', device, group);
    const host = await connect();
    const options = { adopt: args.get(adoptOption), wait: args.get(wait) };
    const devices = await ('group' in wanted
      ? host.destroyGroup(wanted.group, options)
      : host.destroy(wanted.devices, options));
    output.report('destroy', { devices });
    for (const { name } of devices) output.tell(messages.destroyed(name));
  },
};
