import type { CommandContext } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as common from '../messages.ts';
import { dryRunOption } from '../options.ts';
import { shownJson, shownLines } from '../shown.ts';
import { version } from '../version.ts';
import { readWords } from './grammar.ts';
import { overview, subcommandHelp } from './help.ts';
import * as messages from './messages.ts';
import type { Subcommand } from './subcommand.ts';
import { define } from './define.ts';
import { list } from './list.ts';
import { modify } from './modify.ts';
import { start } from './start.ts';
import { startParentMdevs } from './start-parent.ts';
import { stop } from './stop.ts';
import { types } from './types.ts';
import { undefine } from './undefine.ts';

/** In the order of the overview. */
export const subcommands: readonly Subcommand[] = [
  define,
  undefine,
  modify,
  start,
  stop,
  list,
  types,
  startParentMdevs,
];

/** The version whose command line this is. */
const MDEVCTL = '1.4.0';

/**
 * Runs a command line of mdevctl, without that word.
 *
 * @throws UsageError
 */
export async function runMdevctl(
  words: readonly string[],
  { args, io, connect, output }: Pick<CommandContext, 'args' | 'io' | 'connect' | 'output'>,
): Promise<void> {
  const print = (text: string): void => {
    output.printExactly(shownLines(text));
  };
  const versionOf = (program: string): string =>
    `${program} ${MDEVCTL} (virt-nodedev ${version()})\n`;
  const [word, ...others] = words;
  if (word === undefined) throw new UsageError(common.missingCommand, messages.seeHelp());
  if (word === '-V' || word === '--version') {
    print(versionOf('mdevctl'));
    return;
  }
  const wantsHelp = ['-h', '--help', 'help'].includes(word);
  const [name, ...rest] = word === 'help' ? others : words;
  if (wantsHelp && (word !== 'help' || name === undefined)) {
    print(overview(subcommands));
    return;
  }
  const subcommand = subcommands.find((one) => one.name === name);
  if (subcommand === undefined) {
    throw new UsageError(messages.unknownSubcommand(name ?? ''), messages.seeHelp());
  }
  const read = wantsHelp ? { asks: 'help' as const } : readWords(subcommand, rest);
  if ('asks' in read) {
    print(
      read.asks === 'help' ? subcommandHelp(subcommand) : versionOf(`mdevctl-${subcommand.name}`),
    );
    return;
  }
  print(''); // no empty line ends it
  if (subcommand.changes === true && args.get(dryRunOption)) output.note(messages.dryRun);
  await subcommand.run({
    given: read.given,
    io,
    connection: await connect(undefined, { overruleScripts: read.given.has('force') }),
    problems: (all) => {
      output.problems(all);
    },
    print,
    printJson: (value) => {
      output.printExactly(shownJson(value));
    },
  });
}
