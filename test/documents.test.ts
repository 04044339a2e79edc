import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The build puts another module here where there are no files. */
const SCHEMA_DATA = 'src/engine/validate/own-schema-data.ts';

it('documents need no Node', () => {
  const reached = new Set<string>(['src/documents.ts']);
  for (const file of reached) {
    for (const specifier of loadedBy(file)) {
      const target = join(dirname(file), specifier);
      if (specifier.startsWith('.') && target !== SCHEMA_DATA) reached.add(target);
    }
  }
  expect(reached.size).toBeGreaterThan(50);
  const needs = [...reached].flatMap((file) =>
    [
      ...loadedBy(file).filter((specifier) => isBuiltin(specifier)),
      ...(codeOf(file).match(/\b(?:Buffer|process|require|__dirname|import\.meta)\b/gu) ?? []),
    ].map((what) => `${file}: ${what}`),
  );
  expect(needs).toEqual([]);
});

/** What a module imports when it runs: type imports load nothing. */
function loadedBy(file: string): readonly string[] {
  const statements = codeOf(file).matchAll(
    /^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)'|import\('([^']+)'\)/gmu,
  );
  return [...statements].map(([, from, dynamic]) => from ?? dynamic ?? '');
}

/** A module without its comments. */
function codeOf(file: string): string {
  const text = readFileSync(file, 'utf8');
  return text.replaceAll(/\/\*.*?\*\//gsu, '').replaceAll(/\/\/ .*/gu, '');
}
