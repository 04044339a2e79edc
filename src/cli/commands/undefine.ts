import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { definedGroupOption, definedMembers, deviceOrGroup } from '../device-or-group.ts';
import { dryRunOption, ifExistsOption, jsonOption, listOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', { completion: 'device' });

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [definedGroupOption, ifExistsOption, dryRunOption, jsonOption],
  description:
    'All of the definitions are removed, or none. Active devices stay active. A definition file that cannot be read is removed as well.',
  examples: [
    ['undefine 0695d332-7831-493f-9e71-1c85c8911a08', 'remove a definition'],
    ['undefine --group group1', 'those of a group'],
  ],
  failure(args, { code }) {
    const group = args.get(definedGroupOption);
    if (group !== undefined) return messages.undefineGroupFailed(group);
    const names = args.get(device).join(', ');
    return code === 'device-unknown'
      ? messages.deviceNotFound(names)
      : messages.undefineFailed(names);
  },

  async run({ args, connect, output }) {
    const wanted = deviceOrGroup(args, 'nodedev-undefine', device, definedGroupOption);
    const host = await connect();
    const names =
      'devices' in wanted
        ? wanted.devices
        : await definedMembers(host, wanted.group, args.get(ifExistsOption));
    const devices = await host.undefine(names, { ifExists: args.get(ifExistsOption) });
    output.report('undefine', { devices });
    for (const { name } of devices) output.tell(messages.undefinedDevice(name));
  },
};
