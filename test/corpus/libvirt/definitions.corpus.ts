import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatDefinition, parseDefinition } from '../../../src/engine/definitions/definition.ts';
import { corpusFiles } from '../../support/corpus.ts';

const definitions = ['-create.json', '-define.json'].flatMap((ending) =>
  corpusFiles('nodedevmdevctldata', ending),
);

it('the corpus is whole', () => {
  expect(definitions).toHaveLength(8);
});

it.each(definitions)('%s, which libvirt hands to mdevctl, is a definition', (file) => {
  const text = readFileSync(file, 'utf8');
  const written: unknown = JSON.parse(formatDefinition(parseDefinition(text, file)));
  const given: unknown = JSON.parse(text);
  expect(JSON.stringify(written).replace(',"attrs":[]', '')).toBe(JSON.stringify(given));
});
