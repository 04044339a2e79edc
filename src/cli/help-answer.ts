import type { CommandHelp, HelpAnswer, OptionHelp } from './answers.ts';
import type { Command, CommandEntry } from './command.ts';
import { canonicalName } from './command-names.ts';
import { exitCodes } from './exit-codes.ts';
import { globalOptions, type Option } from './options.ts';

/** What `help` and `--help` answer with `--json`. */
export async function helpAnswer(entries: readonly CommandEntry[]): Promise<HelpAnswer> {
  const told = entries.filter(({ summary }) => summary !== undefined);
  return {
    commands: await Promise.all(
      told.map(async (entry) => commandAnswer(entry, (await entry.load()).command)),
    ),
    options: globalOptions.map(optionAnswer),
    exitCodes: exitCodes.map(([code, meaning]) => ({ code, meaning })),
  };
}

function commandAnswer(
  entry: CommandEntry,
  { arguments: places, options, description, examples }: Command,
): CommandHelp {
  const { name, summary } = entry;
  return {
    name,
    alias: entry.virsh ? canonicalName(entry) : undefined,
    summary,
    description,
    arguments: places.map(optionAnswer),
    options: options.map(optionAnswer),
    examples: examples.map(([line, meaning]) => ({ line, meaning })),
  };
}

const optionAnswer = (option: Option<unknown>): OptionHelp => ({
  name: option.name,
  aliases: option.aliases,
  summary: option.summary,
  takes: option.takes,
  placeholder: option.placeholder,
  repeats: option.repeats === true,
  required: option.required === true,
});
