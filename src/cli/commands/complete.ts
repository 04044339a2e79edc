import type { Command } from '../command.ts';
import { candidates } from '../completion.ts';
import { printable } from '../../terminal-text.ts';
import { listOption } from '../options.ts';

const given = listOption('words', 'the words up to the cursor, the last one unfinished');

export const command: Command = {
  arguments: [given],
  options: [],
  examples: [['__complete -- list --', 'what could follow']],

  /** A candidate on each line, with its meaning after a tab. Exit code 1: names of files do not fit, either. */
  async run({ args, commands, io, output }) {
    const { found, files } = await candidates(args.get(given), { commands, io });
    output.printExactly(
      found
        .filter(({ word }) => word === printable(word))
        .map(({ word, meaning }) =>
          meaning === undefined || meaning === ''
            ? `${word}\n`
            : `${word}\t${printable(meaning)}\n`,
        )
        .join(''),
    );
    return files ? 0 : 1;
  },
};
