import { resolve } from 'node:path';
import type { CommandResult } from '../../engine/simulation-options.ts';
import { againAsRoot, endAs, needsNamespace, withSignalsFor } from '../child.ts';
import type { Command } from '../command.ts';
import { connectionOptions } from '../connection-uri.ts';
import * as messages from '../messages.ts';
import { jsonOption, listOption, requiredOption } from '../options.ts';

const directory = requiredOption('directory', 'directory of the simulated host');
const words = listOption('command', 'the command and its arguments, after --', { required: true });

export const command: Command = {
  follows: true,
  arguments: [directory, words],
  options: [jsonOption],
  description:
    "To the command the host's devices, buses and classes are those of /sys, and its /dev/vfio and /etc/mdevctl.d those of the " +
    'machine; nothing else is different. Its exit code is that of the command. Who is not root is root of a user ' +
    'namespace in it. With --json, all that it prints is on standard error, and the answer says how it ended.',
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
    const connection = await io.connect(uri, {
      ...connectionOptions(args, io),
      report: output.warn,
    });
    try {
      const given = args.get(words);
      const line = args.get(jsonOption) ? toStandardError(given) : given;
      const run = (onStart: (pid: number) => void) => connection.runCommand(line, { onStart });
      result = await withSignalsFor(run);
    } finally {
      await connection.close();
    }
    if (args.get(jsonOption)) output.answer('sim-run', result);
    return endAs(result);
  },
};

/** The same command, whose standard output is standard error: there nothing comes between it and the answer. */
const toStandardError = (line: readonly string[]): readonly string[] => [
  'sh',
  '-c',
  'exec "$@" >&2',
  'sh',
  ...line,
];
