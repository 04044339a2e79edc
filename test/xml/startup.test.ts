import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** Packages a module loads, through all its own modules. Type imports load nothing. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*?'([^']+)'/gm,
  );
  return [...imports].flatMap(([, specifier = '']) =>
    specifier.startsWith('.') ? packagesOf(join(dirname(file), specifier), seen) : [specifier],
  );
}

it('the reader loads both parsers', () => {
  expect(packagesOf('src/xml/read.ts').toSorted()).toEqual(['fast-xml-parser', 'libxml2-wasm']);
});

it('the writer loads no parser: a listing must not pay for libxml2', () => {
  expect(packagesOf('src/xml/write.ts')).toEqual(['xmlbuilder2']);
});

it('the element helpers load nothing', () => {
  expect(packagesOf('src/xml/element.ts')).toEqual([]);
});
