import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { deviceOrGroup } from '../device-or-group.ts';
import * as messages from '../messages.ts';
import { jsonOption, listOption, textOption } from '../options.ts';

const device = listOption('device', 'name or uuid of a device', { completion: 'device' });
const group = textOption('group', 'serve all members of this group', { completion: 'group' });
const socketDir = textOption(
  'socket-dir',
  'folder of the sockets; default: below the run/ of the host',
  {
    placeholder: 'FOLDER',
  },
);

export const command: Command = {
  follows: true,
  arguments: [device],
  options: [group, socketDir, jsonOption],
  description:
    'A VM of QEMU 10.1 or later opens a device with the argument that hostdev --qemu prints. The device is in use as long ' +
    'as the VM runs. It lasts until this program is interrupted.',
  examples: [
    ['sim attach my-display', 'serve a device'],
    ['sim attach --group group1 --socket-dir /tmp/vm', 'serve a group, at short paths'],
  ],

  async run({ args, io, connect, output }) {
    const chosen = deviceOrGroup(args, 'sim attach', device, group);
    const connection = await connect();
    const names =
      'group' in chosen
        ? (await connection.group(chosen.group)).members.map(({ name }) => name)
        : chosen.devices;
    const folder = args.get(socketDir);
    const interruption = io.interruption();
    const attachment = await connection.attach(names, {
      socketDir: folder === undefined ? undefined : resolve(io.cwd, folder),
      signal: interruption,
    });
    const { devices } = attachment;
    output.report('sim-attach', { devices }, () => '');
    for (const { name, socket } of devices) output.tell(messages.attached(name, socket));
    try {
      await aborted(interruption);
    } finally {
      await attachment.detach();
    }
  },
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((end) => {
    if (signal.aborted) end();
    signal.addEventListener('abort', () => end(), { once: true });
  });
