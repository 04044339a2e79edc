import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { formatNodeDevice, parseNodeDevice, validateNodeDevice } from '../src/index.ts';
import { byTurns, inFolder, isInstalled, type Job, run } from './measure.ts';
import type { Aim, Row } from './table.ts';

const COUNT = 10_000;
const ROUNDS = 5;
const DATATYPES = 'http://www.w3.org/2001/XMLSchema-datatypes';
const LIBXML2 = 'libxml2-wasm: parse and RELAX NG';

/** Checking, reading and writing 10,000 node devices, each with a uuid of its own; ratios to libxml2's checking. */
export function documents(): Promise<readonly Row[]> {
  return inFolder(async (folder) => {
    const sample = readFileSync('samples/vgpu.xml', 'utf8');
    const texts = Array.from({ length: COUNT }, (_, index) =>
      sample.replace('0695d332', index.toString(16).padStart(8, '0')),
    );
    const devices = texts.map((text) => parseNodeDevice(text));
    const schema = XmlDocument.fromString(
      flatSchema('nodedev.rng').replace('<grammar', `<grammar datatypeLibrary="${DATATYPES}"`),
    );
    const validator = RelaxNGValidator.fromDoc(schema);
    const plain = new XMLParser({ ignoreAttributes: false });
    const file = join(folder, 'devices.xml');
    writeFileSync(file, `<devices>${texts.join('')}</devices>`);
    const validate = 'validateNodeDevice (schema and rules)';
    const xmllint = 'xmllint --relaxng, all in one file';
    const jobs: readonly Job[] = [
      [
        LIBXML2,
        each(texts, (text) => {
          const document = XmlDocument.fromString(text);
          validator.validate(document);
          document.dispose();
        }),
      ],
      [validate, each(texts, (text) => validateNodeDevice(text))],
      ['parseNodeDevice', each(texts, (text) => parseNodeDevice(text))],
      ['fast-xml-parser, plain', each(texts, (text) => plain.parse(text))],
      ['formatNodeDevice', each(devices, (device) => formatNodeDevice(device))],
      ...(isInstalled('xmllint')
        ? [[xmllint, () => run('xmllint', ['--noout', '--relaxng', RNG, file])] as const]
        : []),
    ];
    const time = await byTurns(ROUNDS, jobs);
    validator.dispose();
    schema.dispose();
    const aims: Readonly<Record<string, Aim | undefined>> = {
      [validate]: { of: 'ratio', most: 1.7 },
      parseNodeDevice: { of: 'ratio', most: 1.5 },
      formatNodeDevice: { of: 'figure', most: 45 },
    };
    return jobs.map(([what]) => ({
      what,
      figure: (time(what) / COUNT) * 1000,
      unit: 'µs/device',
      ratio: time(what) / time(LIBXML2),
      to: 'libxml2',
      aim: aims[what],
    }));
  });
}

const RNG = 'schemas/nodedev.rng';

function each<T>(inputs: readonly T[], work: (input: T) => unknown): () => void {
  return () => {
    for (const input of inputs) work(input);
  };
}

/** A schema with what it includes in the place of the include: libxml2-wasm reads no files. */
function flatSchema(name: string): string {
  const text = readFileSync(join('schemas', name), 'utf8');
  const bare = text.replaceAll(/<a:documentation[^>]*>.*?<\/a:documentation>/gsu, '');
  return bare.replaceAll(
    /<include href="([^"]+)"\/>/gu,
    (_, included: string) =>
      /<grammar.*<\/grammar>/su
        .exec(flatSchema(included))?.[0]
        .replaceAll(/(?<=<\/?)grammar/gu, 'div') ?? '',
  );
}
