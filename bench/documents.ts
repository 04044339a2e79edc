import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { formatNodeDevice, parseNodeDevice, validateNodeDevice } from '../src/index.ts';
import { median, type Row, type Section } from './table.ts';

const COUNT = 10_000;
const ROUNDS = 5;
const DATATYPES = 'http://www.w3.org/2001/XMLSchema-datatypes';

/** Checking, reading and writing 10,000 node devices, each with a uuid of its own. */
export function documents(): Section {
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
  const rows = [
    row('libxml2-wasm: parse and RELAX NG', texts, (text) => {
      const document = XmlDocument.fromString(text);
      validator.validate(document);
      document.dispose();
    }),
    row('virt-nodedev: validateNodeDevice', texts, (text) => validateNodeDevice(text), 1),
    row('virt-nodedev: parseNodeDevice', texts, (text) => parseNodeDevice(text)),
    row('fast-xml-parser, plain: parse', texts, (text) => plain.parse(text)),
    row('virt-nodedev: formatNodeDevice', devices, (device) => formatNodeDevice(device)),
    ...xmllint(texts),
  ];
  validator.dispose();
  schema.dispose();
  return { title: `${COUNT} node devices (median of ${ROUNDS}, ratio to the first)`, rows };
}

function row<T>(
  name: string,
  inputs: readonly T[],
  work: (input: T) => unknown,
  aim?: number,
): Row {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (const input of inputs) work(input);
    return performance.now() - start;
  });
  return { name, milliseconds: median(times), aim };
}

/** The command for RELAX NG everybody has, on one file that holds all devices; no row where it is not installed. */
function xmllint(texts: readonly string[]): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-bench-'));
  try {
    const file = join(folder, 'devices.xml');
    writeFileSync(file, `<devices>${texts.join('')}</devices>`);
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now();
      const { status } = spawnSync('xmllint', [
        '--noout',
        '--relaxng',
        'schemas/nodedev.rng',
        file,
      ]);
      return status === 0 ? [performance.now() - start] : [];
    }).flat();
    return times.length < ROUNDS
      ? []
      : [{ name: 'xmllint --relaxng, one file of all', milliseconds: median(times) }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
