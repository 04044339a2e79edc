import type { Command } from '../command.ts';
import { commandHelp, familyHelp, overview } from '../help.ts';
import { helpAnswer } from '../help-answer.ts';
import { jsonOption, listOption } from '../options.ts';
import { chooseCommand, familyOf } from '../parse.ts';

const name = listOption('command', 'the command to explain', { completion: 'command' });

export const command: Command = {
  arguments: [name],
  options: [jsonOption],
  examples: [['help group show', 'explain a command']],

  async run({ args, commands, io, output }) {
    const given = args.get(name);
    const [word = '', second] = given;
    const family = second === undefined ? familyOf(commands, word) : [];
    const one =
      given.length > 0 && family.length === 0 ? chooseCommand(commands, given).entry : undefined;
    if (args.get(jsonOption)) {
      const asked = one === undefined ? (family.length > 0 ? family : commands) : [one];
      output.answer('help', await helpAnswer(asked));
    } else if (one !== undefined) {
      output.print(await commandHelp(one, (await one.load()).command, io));
    } else {
      output.print(family.length > 0 ? await familyHelp(family, io) : await overview(commands, io));
    }
  },
};
