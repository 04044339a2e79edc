import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The packages a module loads, through all modules it imports. Type imports load nothing. */
function packagesOf(file: string, found = new Set<string>(), seen = new Set<string>()): string[] {
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]* from '([^']+)'/gm);
  for (const [, specifier = ''] of imports) {
    const target = join(dirname(file), specifier);
    if (!specifier.startsWith('.')) found.add(specifier);
    else if (!seen.has(target)) packagesOf(target, found, seen);
  }
  return [...found].toSorted();
}

it('the reader loads both parsers', () => {
  expect(packagesOf('src/xml/read.ts')).toEqual(['fast-xml-parser', 'libxml2-wasm']);
});

it('the writer loads no parser: a listing must not pay for libxml2', () => {
  expect(packagesOf('src/xml/write.ts')).toEqual(['xmlbuilder2']);
});

it('the element helpers load nothing', () => {
  expect(packagesOf('src/xml/element.ts')).toEqual([]);
});

it('opening a simulated host loads no XML library: a listing must not pay for one', () => {
  const packages = packagesOf('src/host/simulated/open.ts');
  expect(packages.filter((name) => !name.startsWith('node:'))).toEqual(['uuid']);
});
