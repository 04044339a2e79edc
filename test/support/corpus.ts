import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/** Where `npm run test:corpus` puts libvirt's own test files. */
export const libvirtCorpus = join(cache, 'virt-nodedev/sources/libvirt-11.3.0/tests');

/** The files of a folder of {@link libvirtCorpus} that end so, sorted; none, said aloud, when they were not fetched. */
export function corpusFiles(folder: string, ending: string): readonly string[] {
  const path = join(libvirtCorpus, folder);
  try {
    const names = readdirSync(path).filter((name) => name.endsWith(ending));
    return names.toSorted().map((name) => join(path, name));
  } catch {
    process.stdout.write(`without ${path}: npm run test:corpus fetches it\n`);
    return [];
  }
}
