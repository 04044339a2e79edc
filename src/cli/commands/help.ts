import type { Command } from '../command.ts';
import { commandHelp, familyHelp, overview } from '../help.ts';
import { listOption } from '../options.ts';
import { chooseCommand, familyOf } from '../parse.ts';

const name = listOption('command', 'the command to explain', { completion: 'command' });

export const command: Command = {
  arguments: [name],
  options: [],
  examples: [['help group show', 'explain a command']],

  async run({ args, commands, io, output }) {
    const given = args.get(name);
    if (given.length === 0) {
      output.print(await overview(commands, io));
      return;
    }
    const [word = '', second] = given;
    const family = second === undefined ? familyOf(commands, word) : [];
    if (family.length > 0) {
      output.print(await familyHelp(family, io));
      return;
    }
    const { entry } = chooseCommand(commands, given);
    output.print(await commandHelp(entry, (await entry.load()).command, io));
  },
};
