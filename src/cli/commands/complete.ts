import type { Command } from '../command.ts';
import { candidates } from '../completion.ts';
import { printable } from '../../terminal-text.ts';
import { listOption } from '../options.ts';

const given = listOption('words', 'the words up to the cursor, the last one unfinished');

export const command: Command = {
  arguments: [given],
  options: [],
  examples: [['__complete -- list --', 'what could follow']],

  async run({ args, commands, io, output }) {
    const found = await candidates(args.get(given), { commands, io });
    output.printExactly(
      found
        .filter((word) => word === printable(word))
        .map((word) => `${word}\n`)
        .join(''),
    );
  },
};
