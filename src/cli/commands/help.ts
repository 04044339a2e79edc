import type { Command } from '../command.ts';
import { commandHelp, overview } from '../help.ts';
import { listOption } from '../options.ts';
import { chooseCommand } from '../parse.ts';

const name = listOption('command', 'the command to explain', { completion: 'command' });

export const command: Command = {
  arguments: [name],
  options: [],
  examples: [['help group show', 'explain a command']],

  async run({ args, output }) {
    const given = args.get(name);
    if (given.length === 0) {
      output.print(await overview());
      return;
    }
    const { entry } = chooseCommand(given);
    output.print(await commandHelp(entry, (await entry.load()).command));
  },
};
