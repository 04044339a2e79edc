import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { definedGroupOption, definedMembers, deviceOrGroup } from '../device-or-group.ts';
import { flagOption, dryRunOption, jsonOption, listOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', { completion: 'device' });
const disable = flagOption('disable', 'do not start it');

export const command: Command = {
  changes: true,
  arguments: [device],
  options: [definedGroupOption, disable, dryRunOption, jsonOption],
  description:
    'All of the definitions are changed, or none. A parent appears at boot, and when its driver is loaded again.',
  examples: [
    ['autostart 0695d332-7831-493f-9e71-1c85c8911a08', 'start it at every boot'],
    ['autostart 0695d332-7831-493f-9e71-1c85c8911a08 --disable', 'no longer'],
    ['autostart --group group1', 'a group'],
  ],
  failure(args, { code }) {
    const group = args.get(definedGroupOption);
    const names = args.get(device).join(', ');
    if (group === undefined && code === 'device-unknown') return messages.deviceNotFound(names);
    const what = group === undefined ? `device ${names}` : `the devices of group '${group}'`;
    return messages.autostartFailed(what, !args.get(disable));
  },

  async run({ args, connect, output }) {
    const enabled = !args.get(disable);
    const wanted = deviceOrGroup(args, 'nodedev-autostart', device, definedGroupOption);
    const host = await connect();
    const names = 'devices' in wanted ? wanted.devices : await definedMembers(host, wanted.group);
    const devices = await host.autostart(names, enabled);
    output.report('autostart', { devices });
    for (const { name } of devices) output.tell(messages.autostarted(name, enabled));
  },
};
