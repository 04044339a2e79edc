import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { facetCases, typeCases } from '../relaxng/datatype-cases.ts';
import { regexCases } from '../relaxng/regex-cases.ts';
import { rng } from '../relaxng/rng.ts';
import { isInstalled, jing, type Oracle, xmllint } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-oracle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oracles: readonly (readonly [name: 'jing' | 'xmllint', oracle: Oracle])[] = [
  ...(isInstalled('jing', 'jing') ? ([['jing', jing]] as const) : []),
  ...(isInstalled('xmllint', 'libxml2-utils') ? ([['xmllint', xmllint]] as const) : []),
];

interface Case {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

const cases: readonly Case[] = [
  ...typeCases.map(([type, accepted, refused]) => ({ type, parameters: {}, accepted, refused })),
  ...facetCases.map(([type, parameters, accepted, refused]) => ({
    type,
    parameters,
    accepted,
    refused,
  })),
  ...regexCases.map(([pattern, accepted, refused]) => ({
    type: 'string',
    parameters: { pattern },
    accepted,
    refused,
  })),
];

/** jing has the first edition's classes, where a hyphen that is none of a range must be escaped. */
const unknownToJing: ReadonlySet<string | undefined> = new Set(['[-a]', '[a-]', '[a-c-]']);

/** Where the others stray, by "type text" or "type pattern text", each with the reason. */
const strays = {
  jing: new Map([
    ['dateTime "2024-01-01T24:00:00Z"', 'has the first edition, where no day ends with 24:00'],
  ]),
  xmllint: new Map([
    ['integer "123456789012345678901234567890"', 'has 24 digits at most'],
    ['string [a-z-[a-m-[c]]] "c"', 'does not subtract from what it subtracts'],
    ['unsignedLong [0-9]+ " 5\\n"', 'holds the white space against the pattern too'],
    ['unsignedInt "-0"', 'takes no sign in unsigned types'],
    ['unsignedLong "+1"', 'the same'],
  ]),
} as const;

const escape = (text: string): string =>
  text.replaceAll(/[&<>"\r\n\t]/gu, (char) => `&#${char.charCodeAt(0)};`);

describe.each(oracles)('%s agrees on datatypes', (program, oracle) => {
  test('each type, each facet, each pattern', () => {
    const known = cases.filter(
      ({ parameters }) => program !== 'jing' || !unknownToJing.has(parameters['pattern']),
    );
    const choices = known.map(({ type, parameters }, index) => {
      const given = Object.entries(parameters).map(
        ([name, value]) => `<param name="${name}">${escape(value)}</param>`,
      );
      return `<element name="c${index}"><data type="${type}">${given.join('')}</data></element>`;
    });
    const schemaFile = join(folder, 'types.rng');
    writeFileSync(schemaFile, rng(`<choice>${choices.join('')}</choice>`));
    const expected = new Map<string, { readonly what: string; readonly isValid: boolean }>();
    for (const [index, { type, parameters, accepted, refused }] of known.entries()) {
      for (const [at, text] of [...accepted, ...refused].entries()) {
        const file = join(folder, `${index}-${at}.xml`);
        writeFileSync(file, `<c${index}>${escape(text)}</c${index}>`);
        const what = [type, ...Object.values(parameters), JSON.stringify(text)].join(' ');
        expected.set(file, { what, isValid: at < accepted.length });
      }
    }
    const invalid = oracle(schemaFile, [...expected.keys()]);
    const different = [...expected].flatMap(([file, { what, isValid }]) =>
      isValid === invalid.has(file) ? [what] : [],
    );
    expect(different.toSorted()).toEqual([...strays[program].keys()].toSorted());
  });
});
