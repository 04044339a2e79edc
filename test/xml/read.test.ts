import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/xml/read.ts';
import { corpus } from '../support/corpus.ts';
import { errorOf } from './error-of.ts';

const folder = corpus('malformed');

interface Entry {
  readonly file: string;
  readonly name: string;
  readonly wellFormed: boolean;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'file' in value && 'wellFormed' in value;
}

function entries(base: string): readonly Entry[] {
  const index: unknown = JSON.parse(readFileSync(join(base, 'index.json'), 'utf8'));
  return Array.isArray(index) ? index.filter(isEntry) : [];
}

/** Well-formed documents of the corpus that are refused on purpose. */
function refusal(text: string): string | undefined {
  if (text.startsWith('<!DOCTYPE')) return 'xml-doctype';
  return text.startsWith('<a>'.repeat(101)) ? 'xml-too-deep' : undefined;
}

describe.skipIf(folder === undefined)('the malformed corpus', () => {
  const base = folder ?? '';
  const all = folder === undefined ? [] : entries(base);

  it.each(all)('$file $name', ({ file, wellFormed }) => {
    const bytes = readFileSync(join(base, file));
    const code = errorOf(() => readXml(bytes))?.code;
    const refused = refusal(bytes.toString('latin1'));
    expect(code === undefined).toBe(wellFormed && refused === undefined);
    expect([refused, 'xml-malformed', 'xml-encoding']).toContain(code);
  });
});
