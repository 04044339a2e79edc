import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HARDWARE } from '../host/simulated/paths.ts';
import { sampleProfiles } from '../host/simulated/samples.ts';

/**
 * The connection URI that a word on the command line means: a URI; `sim:DIR`; a directory that exists, which is a simulated host or
 * else another root; a profile, in memory. Undefined for none of these.
 *
 * @param cwd the directory that names are relative to
 */
export function uriOfWord(word: string, cwd: string): string | undefined {
  const [, scheme, folder] = /^(sim|sysfs):(?!\/\/)(.+)$/su.exec(word) ?? [];
  if (folder !== undefined) return `${scheme}://${resolve(cwd, folder)}`;
  if (word.includes(':')) return word;
  const path = resolve(cwd, word);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    const simulated = statSync(join(path, HARDWARE), { throwIfNoEntry: false });
    return `${simulated?.isFile() === true ? 'sim' : 'sysfs'}://${path}`;
  }
  return sampleProfiles().includes(word) ? `test:///${word}` : undefined;
}
