import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

/** The layers of ARCHITECTURE.md, top first: an import goes to the same layer or one further down. */
const LAYERS = [
  'cli',
  'pictures',
  'plan',
  'engine',
  'domain',
  'host',
  'drivers',
  'nodedev',
  'relaxng',
  'xml',
];
/** Beside the layers, for all of them. */
const SHARED = new Set([
  'bounded-read.ts',
  'codes.ts',
  'errors.ts',
  'group-by.ts',
  'suggest.ts',
  'terminal-text.ts',
]);
/**
 * What the command uses of the layers below it, as folders and files: what is done with hosts, not how they are read.
 * A chunk of the command loads what it imports, so each command imports the modules it needs and not the public index.
 */
const FOR_THE_COMMAND = [
  'pictures/',
  'plan/',
  'engine/types.ts',
  'engine/validate/',
  'domain/',
  'drivers/type-fields.ts',
  'host/simulated/init.ts',
  'host/simulated/samples.ts',
  'nodedev/',
  'xml/xpath.ts',
];
/** The public API: what programs import. */
const DOORS = new Set(['index.ts', 'documents.ts']);
const XML_LIBRARIES = new Set(['fast-xml-parser', 'xmlbuilder2', 'libxml2-wasm']);

interface Import {
  readonly file: string;
  /** As written. */
  readonly specifier: string;
}

const imports: readonly Import[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) =>
    [...readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
      (match) => ({ file, specifier: match[1] ?? '' }),
    ),
  );

const layerOf = (file: string): string => file.split(sep)[0] ?? '';

/** Whether a relative import obeys the rule: downwards, and from the command only to what is for it. */
function isAllowed({ file, specifier }: Import): boolean {
  const from = layerOf(file);
  const target = relative('src', join('src', dirname(file), specifier));
  const to = layerOf(target);
  if (from === 'cli' && to !== 'cli' && !SHARED.has(to)) {
    return FOR_THE_COMMAND.some((allowed) => target.startsWith(allowed));
  }
  if (!LAYERS.includes(from)) return DOORS.has(from) || SHARED.has(to);
  return SHARED.has(to) || LAYERS.indexOf(to) >= LAYERS.indexOf(from);
}

it('finds imports at all', () => {
  expect(imports.length).toBeGreaterThan(5);
});

it('imports go downwards only', () => {
  const relativeImports = imports.filter(({ specifier }) => specifier.startsWith('.'));
  expect(relativeImports.filter((entry) => !isAllowed(entry))).toEqual([]);
});

it('only xml/ imports an XML library', () => {
  const outside = imports.filter(({ file }) => layerOf(file) !== 'xml');
  expect(outside.filter(({ specifier }) => XML_LIBRARIES.has(specifier))).toEqual([]);
});
