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
    ['date "2024-04-30-13:59"', 'takes no time zone beyond 13 hours'],
    ['dateTime "2024-01-01T24:00:00Z"', 'has the first edition, where no day ends with 24:00'],
    ['time "24:00:00"', 'the same'],
    ['time 12:00:00 "24:00:00"', 'the same'],
    ['time "12:00:60"', 'has the first edition, where leap seconds count'],
    ['decimal 3 1 "012.30"', 'counts digits of the text, not of the value'],
    ['duration "PT1.S"', 'takes a point without digits after it'],
  ]),
  xmllint: new Map([
    ['IDREFS ""', 'takes an empty list'],
    ['NMTOKENS 2 " a  b "', 'counts characters, not items'],
    ['NMTOKENS 2 "a b"', 'the same'],
    ['base64Binary "?"', 'skips what is no digit of base64'],
    [
      'dateTime 2024-01-01T00:00:00Z "2024-01-01T10:00:00"',
      'orders what has no order: one has no zone',
    ],
    ['duration "PT1.S"', 'takes a point without digits after it'],
    ['float "1e"', 'takes an exponent without digits'],
    ['integer "123456789012345678901234567890"', 'has 24 digits at most'],
    ['string [a-z-[a-m-[c]]] "c"', 'does not subtract from what it subtracts'],
    ['time 12:00:00 "24:00:00"', 'takes 24:00 for later than 12:00; it is 00:00'],
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
