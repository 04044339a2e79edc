import type { CommandEntry } from './command.ts';

/** The name messages use: virsh's where it is virsh's. */
export function canonicalName({ name, virsh }: CommandEntry): string {
  return virsh ? `nodedev-${name}` : name;
}

/** The entry the first words name, and how many words that took: `nodedev-list`, `list`, `group show`. */
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
