import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatNodeDevice } from '../../src/nodedev/format.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';
import { readSchema } from '../../src/relaxng/schema.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { writeXml } from '../../src/xml/write.ts';
import { SEED } from '../support/seed.ts';
import { debian, debianRoot } from './debian.ts';
import { randomContent, randomOf } from './random-document.ts';

const FOLDER = '/tmp/virt-nodedev-random';
const TIMEOUT = 600_000;
const COUNT = 800;
const NAME = 'made';

/** A device of libvirt's own schema, with a name that it can be asked for by. */
function madeDevice(seed: number): string {
  const path = join(debianRoot(), '/usr/share/libvirt/schemas/nodedev.rng');
  const schema = readSchema(readFileSync(path), {
    file: path,
    load: (href, base) => {
      const file = resolve(dirname(base ?? '.'), href);
      return { file, text: readFileSync(file) };
    },
  });
  const root = randomContent(schema, randomOf(seed * 7919))?.children[0];
  if (root?.kind !== 'element') throw new Error('the schema has no root element');
  const name: XmlElement = {
    kind: 'element',
    name: 'name',
    attributes: [],
    children: [{ kind: 'text', text: NAME }],
  };
  const others = root.children.filter((child) => child.kind !== 'element' || child.name !== 'name');
  return writeXml({ ...root, children: [name, ...others] });
}

let texts: readonly string[] = [];
/** What libvirt's test driver prints of each; undefined: it refuses it. */
let printed: readonly (string | undefined)[] = [];

beforeAll(() => {
  const folder = join(debianRoot(), FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  texts = Array.from({ length: COUNT }, (_, index) => madeDevice((SEED - 1) * COUNT + 1 + index));
  texts.forEach((text, index) => {
    writeFileSync(join(folder, `${index}.xml`), `<node>\n${text}</node>\n`);
  });
  const each = `virsh -q -c test://${FOLDER}/$i.xml nodedev-dumpxml ${NAME} 2>/dev/null`;
  const script = `i=0; while [ $i -lt ${COUNT} ]; do echo "@@@"; ${each}; i=$((i+1)); done`;
  const parts = debian('sh', '-c', script).split('@@@\n').slice(1);
  printed = parts.map((part) => (part.trim() === '' ? undefined : part.trim()));
}, TIMEOUT);

afterAll(() => {
  const read = printed.filter((part) => part !== undefined).length;
  process.stdout.write(
    `${texts.length} devices of libvirt's schema, of which libvirt reads ${read} (SEED=${SEED})\n`,
  );
});

/** Ours, in libvirt's dialect; or why not. */
function ours(text: string): string {
  try {
    return formatNodeDevice(parseNodeDevice(text), { dialect: 'libvirt' }).trim();
  } catch (error) {
    return `refused: ${String(error)}`;
  }
}

/** What libvirt drops or makes up when it reads its own XML: what is replaced on both sides, by what, and why. */
const DIFFERENT: readonly (readonly [what: RegExp, by: string, reason: string])[] = [
  [/^ *<driver>\n.*\n *<\/driver>\n/gmu, '', 'the test driver reads no driver'],
  [/ (?:wwnn|wwpn|fabric_wwn)='\w*'/gu, '', 'the numbers of a parent are read, and not printed'],
  [/^ *<parent\/>\n/gmu, '', 'so a parent without a name is none'],
  [/^ *<devnode .*\n/gmu, '', 'of several nodes the last one is kept'],
  [/^ *<parent_addr>.*\n/gmu, '', 'it is printed, and not read'],
  [/^ *<(?:logical_block_size|num_blocks)>.*\n/gmu, '', 'they are printed, and not read'],
  [/^ *<(?:card_type|chpid)>\(null\).*\n/gmu, '', 'printf of a text that is not there'],
  [/<((\w+)[^<>]*)(?<!\/)>\s*<\/\2>/gu, '<$1/>', 'an empty element has two tags in some places'],
  [/^ *<attr name='[^']*' value=''\/>\n/gmu, '', 'libvirt 9.0 drops an attribute without a value'],
  [/^ *<capability type='802(?:03|11)'\/>\n/gmu, '', 'of both kinds of network the first is kept'],
  [/>(?:-\d+|\d{10})</gu, '>N<', 'printf of an unsigned number with a sign'],
];

/** What we refuse and libvirt drops. */
const REFUSED = [/mdev attribute missing name or value/u];

it('what libvirt reads of its own schema, we read, and print the same', () => {
  expect(printed).toHaveLength(COUNT);
  expect(printed.filter((part) => part !== undefined).length).toBeGreaterThan(COUNT / 4);
  const like = (text: string): string =>
    DIFFERENT.reduce((rest, [what, by]) => rest.replaceAll(what, by), text);
  const differences = texts.flatMap((text, index) => {
    const theirs = printed[index];
    const own = ours(text);
    const isSame =
      theirs === undefined ||
      like(theirs) === like(own) ||
      (own.startsWith('refused: ') && REFUSED.some((sentence) => sentence.test(own)));
    return isSame ? [] : [{ text, theirs, own }];
  });
  expect(differences).toEqual([]);
});
