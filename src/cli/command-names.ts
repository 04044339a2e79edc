import type { CommandEntry } from './command.ts';

/** The command's name in messages: virsh's name for virsh's commands. */
export function canonicalName({ name, virsh }: CommandEntry): string {
  return virsh ? `nodedev-${name}` : name;
}

/** The command that the first words name, and how many words this takes: `nodedev-list`, `list`, `group show`. */
export function findCommand(
  commands: readonly CommandEntry[],
  words: readonly string[],
): { readonly entry: CommandEntry; readonly length: number } | undefined {
  for (const length of [2, 1]) {
    const written = words.slice(0, length).join(' ');
    const entry = commands.find(
      (candidate) => written === candidate.name || written === canonicalName(candidate),
    );
    if (entry !== undefined) return { entry, length };
  }
  return undefined;
}
