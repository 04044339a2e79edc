import { resolve } from 'node:path';
import type { CommandResult } from '../../engine/types.ts';
import { againAsRoot, endAs, needsNamespace, withSignalsFor } from '../child.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { listOption, requiredOption } from '../options.ts';

const directory = requiredOption('directory', 'directory of the simulated host');
const words = listOption('command', 'the command and its arguments, after --', { required: true });

export const command: Command = {
  arguments: [directory, words],
  options: [],
  description:
    "To the command the host's devices, buses and classes are those of /sys, and its /dev/vfio and /etc/mdevctl.d those of the " +
    'machine; nothing else is different. Its exit code is that of the command. Who is not root is root of a user ' +
    'namespace in it.',
  examples: [
    ['sim run /tmp/host -- mdevctl types', "mdevctl on the host's devices"],
    ['sim run /tmp/host -- ./my-test.sh', 'a test of your own on a GPU that is not there'],
  ],
  failure: (args) => messages.runFailed(args.get(words)[0] ?? ''),

  async run({ args, io, output }) {
    output.printExactly(''); // all output is the command's
    let result: CommandResult;
    if (io.itself !== undefined && needsNamespace()) return endAs(await againAsRoot(io.itself));
    const uri = `sim://${resolve(io.cwd, args.get(directory))}`;
    const connection = await io.connect(uri, { report: output.warn });
    try {
      const run = (onStart: (pid: number) => void) =>
        connection.runCommand(args.get(words), { onStart });
      result = await withSignalsFor(run);
    } finally {
      await connection.close();
    }
    return endAs(result);
  },
};
