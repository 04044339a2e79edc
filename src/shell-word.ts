/** A word as a shell takes it: quoted if needed. Names of others stand in command lines that people paste. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
