import type { Command } from '../command.ts';
import { nextWord } from '../mdevctl/next-word.ts';
import { runMdevctl, subcommands } from '../mdevctl/run.ts';
import { dryRunOption, listOption } from '../options.ts';

const words = listOption('words', 'a subcommand of mdevctl, and its options');

export const command: Command = {
  changes: true,
  passesWords: true,
  nextWord: (given, current) => nextWord(subcommands, given, current),
  arguments: [words],
  options: [dryRunOption],
  description:
    "Subcommands, options, output and exit codes are those of mdevctl 1.4, on every host that virt-nodedev works on; docs/mdevctl.md says what differs. What is virt-nodedev's own stands before the word mdevctl: -c, --dry-run.",
  examples: [
    ['mdevctl types', 'the types of all parents'],
    ['-c sim:host mdevctl list -dv', 'what is defined on a simulated host, with attributes'],
    ['--dry-run mdevctl stop -u UUID', 'whether it would be stopped'],
  ],

  run: (context) => runMdevctl(context.args.get(words), context),
};
