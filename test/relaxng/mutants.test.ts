import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Issue } from '../../src/errors.ts';
import { SCHEMA_RULES } from '../../src/relaxng/messages.ts';
import { loadSchemaFile } from '../../src/relaxng/schema-file.ts';
import { readXml } from '../../src/xml/read.ts';
import { mutate, randomOf, serialise, vocabularyOf } from './mutants.ts';

const subjects = [
  ['schemas/nodedev.rng', ['samples', 'test/nodedev/documents']],
  ['schemas/domain.rng', ['samples/domains']],
] as const;

function inDocument({ location }: Issue, text: string): boolean {
  if (location === undefined) return false;
  return location.column <= (text.split('\n')[location.line - 1]?.length ?? 0);
}

describe.each(subjects)('mutants of our documents against %s', (schemaFile, folders) => {
  const schema = loadSchemaFile(schemaFile);
  const originals = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.xml'))
    .map((file) => readXml(readFileSync(file)).root);
  const vocabulary = vocabularyOf(originals);
  const random = randomOf(7);
  const results = originals.flatMap((original) =>
    Array.from({ length: 40 }, () => {
      const text = serialise(mutate(original, vocabulary, random));
      const { root } = readXml(text);
      return { text, isValid: schema.matches(root), issues: schema.validate(root) };
    }),
  );

  test('those that are invalid have issues, the others none', () => {
    expect(results.filter(({ isValid, issues }) => isValid === issues.length > 0)).toEqual([]);
    expect(new Set(results.map(({ isValid }) => isValid)).size).toBe(2);
  });

  test('issues have a known code and a place in the document, and stand in its order', () => {
    for (const { text, issues } of results) {
      expect(
        issues.filter(
          (issue) =>
            !SCHEMA_RULES.some(([code]) => code === issue.code) || !inDocument(issue, text),
        ),
      ).toEqual([]);
      const places = issues.map(
        ({ location }) => (location?.line ?? 0) * 1e6 + (location?.column ?? 0),
      );
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });

  test('one to three changes make few issues', () => {
    const counts = results.flatMap(({ issues }) => (issues.length > 0 ? [issues.length] : []));
    const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(average).toBeLessThan(3);
  });
});
