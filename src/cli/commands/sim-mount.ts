import { resolve } from 'node:path';
import type { Command } from '../command.ts';
import { connectionOptions } from '../connection-uri.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption, textOption } from '../options.ts';

const directory = requiredOption('directory', 'directory of the simulated host');
const mountpoint = requiredOption('mountpoint', 'folder where its /sys is to be');
const vfio = textOption('vfio', 'folder where its /dev/vfio is to be', { placeholder: 'FOLDER' });

export const command: Command = {
  follows: true,
  arguments: [directory, mountpoint],
  options: [vfio, jsonOption],
  description:
    'Programs read and write there as in /sys, and are answered as by the kernel. It takes root, or a user namespace with its ' +
    'own mounts (unshare --map-root-user --mount), and lasts until the folder is unmounted or this program is interrupted.',
  examples: [
    ['sim mount /tmp/host /mnt', 'answer to whatever writes below /mnt'],
    ['sim mount /tmp/host /mnt --vfio /srv/vfio', 'also to who opens a device'],
  ],
  failure: (args) => messages.mountFailed(args.get(directory)),

  async run({ args, io, output }) {
    const at = (path: string): string => resolve(io.cwd, path);
    const connection = await io.connect(`sim://${at(args.get(directory))}`, {
      ...connectionOptions(args, io),
      report: output.warn,
    });
    try {
      const interruption = io.interruption();
      const folder = args.get(vfio);
      const devices = folder === undefined ? undefined : at(folder);
      const mount = await connection.mountHost(at(args.get(mountpoint)), { vfio: devices });
      output.report('sim-mount', {
        directory: at(args.get(directory)),
        mountpoint: at(args.get(mountpoint)),
        vfio: devices,
      });
      output.tell(messages.mounted(args.get(directory), args.get(mountpoint)));
      const end = (): void => void mount.unmount();
      if (interruption.aborted) end();
      interruption.addEventListener('abort', end);
      await mount.ended;
    } finally {
      await connection.close();
    }
  },
};
