import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** Writes the licences of the packages that are in a bundle beside it, as these licences ask for. */
export function notices(fileName: string): Plugin {
  return {
    name: 'notices',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) =>
        part.type === 'chunk' ? part.moduleIds : [],
      );
      const folders = new Set(
        modules.flatMap((id) => /.*\/node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(id)?.[0] ?? []),
      );
      const source = [...folders].toSorted().map(notice).join('\n');
      this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

function notice(folder: string): string {
  const name = folder.replace(/.*\/node_modules\//u, '');
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/iu.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const description = readFileSync(join(folder, 'package.json'), 'utf8');
  const [, license = 'no licence named'] = /"license": *"([^"]+)"/u.exec(description) ?? [];
  return [`== ${name} (${license}) ==`, '', ...texts].join('\n');
}
