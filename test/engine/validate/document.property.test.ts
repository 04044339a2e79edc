import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateDocument } from '../../../src/engine/validate/document.ts';
import { validationRules } from '../../../src/engine/validate/rules.ts';
import type { Issue } from '../../../src/errors.ts';

const samples = ['samples', 'samples/domains']
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.xml'))
  .map((file) => readFileSync(file, 'utf8'));

/** A sample with names, values and whole tags deleted, doubled, misspelt or moved. */
const mutants = fc
  .tuple(
    fc.constantFrom(...samples),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('delete', 'double', 'misspell', 'swap')), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce<readonly string[]>(
      (words, [position, change]) => {
        const index = position % words.length;
        const word = words[index] ?? '';
        const next = words[index + 1] ?? '';
        const replaced = {
          delete: [],
          double: [word, word],
          misspell: [word.replace(/\w(?=\w)/, 'x')],
          swap: [next, word],
        }[change];
        return words.toSpliced(index, change === 'swap' ? 2 : 1, ...replaced);
      },
      text.match(/<[^>]*>|[\w-]+='[^']*'|[^<]+/g) ?? [],
    ),
  )
  .map((words) => words.join(''));

const codes = new Set(validationRules.map(({ code }) => code));
const placeOf = ({ location }: Issue): number =>
  (location?.line ?? 0) * 10_000 + (location?.column ?? 0);

describe('validateDocument', () => {
  it('finds known mistakes at places, in order, each once, in whatever document', () => {
    fc.assert(
      fc.property(mutants, (text) => {
        const issues = validateDocument(text);
        const places = issues.map(placeOf);
        expect(issues.filter(({ code }) => !codes.has(code))).toEqual([]);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(issues.filter(({ location }) => location === undefined)).toEqual([]);
        const said = issues.map((issue) => `${placeOf(issue)} ${issue.code} ${issue.message}`);
        expect(new Set(said).size).toBe(said.length);
      }),
      { numRuns: 500 },
    );
  });
});
