import type { Command } from '../command.ts';
import { readSource, sourceName } from '../files.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption } from '../options.ts';

const file = requiredOption('file', 'domain XML; - is standard input');

export const command: Command = {
  changes: true,
  arguments: [file],
  options: [jsonOption],
  examples: [['sim start workstation.xml', 'open what the VM would open']],
  failure: (args) => messages.startFailed(sourceName(args.get(file))),

  async run({ args, io, connect, output }) {
    const source = await readSource(io, args.get(file));
    const devices = await (await connect()).startDomain(source);
    output.noteChange();
    output.report('sim-start', { devices });
    for (const { name } of devices) output.tell(messages.opened(name));
  },
};
