import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { ruleExamples } from '../../../src/engine/validate/examples/index.ts';
import { childElements } from '../../../src/xml/element.ts';
import { readXml } from '../../../src/xml/read.ts';

const samples = readdirSync('samples/domains').map((name) =>
  readFileSync(join('samples/domains', name), 'utf8'),
);
const domains = [
  ...samples,
  ...Object.values(ruleExamples).flatMap(({ wrong, right }) => [wrong ?? '', right ?? '']),
].filter((text) => text.includes('<devices>'));

/** Devices as they are written in the samples and in the examples of all rules, so that each rule has something to find. */
const devices = [
  ...new Set(
    domains.flatMap((text) =>
      childElements(readXml(text).root, 'devices')
        .flatMap((element) => childElements(element))
        .flatMap(({ range }) => (range === undefined ? [] : text.slice(...range))),
    ),
  ),
];
const HEADS = [
  "<domain type='kvm'>\n  <devices>",
  "\uFEFF<?xml version='1.0'?>\r\n<!-- virt-nodedev: ignore mdev-managed-ignored -->\r\n<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\r\n  <name>vm</name><uuid>7</uuid>\r\n<devices>",
  "<domain type='kvm'><name>vm</name><memory unit='MiB'>512</memory><os><type arch='s390x'>hvm</type><boot dev='hd'/></os><devices >",
  "<!-- <devices> --><domain type='xen'>\n<metadata><devices><disk/></devices></metadata><memry/>\n<devices a='>'>",
  "<domain type='kvm'><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><graphics type='vnc'/></devices>\n<devices>",
];
const TAILS = [
  '</devices>\n</domain>\n',
  "</devices ><qemu:commandline><qemu:arg value='-set'/><qemu:arg value='device.hostdev0.x=1'/></qemu:commandline></domain><!-- end -->",
  "</devices>text<devices><hostdev type='mdev'/></devices></domain>",
];
/** Of which a domain has one: whether the schema takes it depends on what is before it. */
const ONCE = ['<emulator>/usr/bin/qemu</emulator>', '<emulator>/usr/bin/kvm</emulator>'];
const gap = fc.constantFrom(
  '\n    ',
  '\r\n',
  '',
  ' text ',
  '&amp;',
  '<!-- <disk> -->',
  '<![CDATA[<a>]]>',
  '<![CDATA[]]>',
  '<?p i?>',
);
const device = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...devices) },
  { weight: 1, arbitrary: fc.constantFrom(...ONCE) },
);

/** Domains with devices of all kinds, several of one uuid, alias or address among them. */
export const editedDomains: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...HEADS),
    fc.array(fc.tuple(gap, device), { maxLength: 8 }),
    gap,
    fc.constantFrom(...TAILS),
  )
  .map(([head, parts, last, tail]) => [head, ...parts.flat(), last, tail].join(''));

/** What somebody types, pastes or deletes; much of it leaves a text that is no XML. */
const typed = fc.oneof(
  fc.constantFrom(
    'x',
    ' ',
    '\n',
    '\r',
    "'",
    '"',
    '<',
    '>',
    '/>',
    '&',
    '&lt;',
    ']]>',
    '<!--',
    '-->',
    '<![CDATA[',
    '<a',
    '<a>',
    '</a>',
    '\uD83D',
    '</devices>',
    '<devices>',
    '</x></x>',
    '</devices><devices>',
    '<domain>',
    '</domain>',
    "model='vfio-ap'",
    " y='1'",
    '<devices/>',
    '<?xml?>',
    '<!DOCTYPE a>',
  ),
  device,
);

/** What rules of all devices depend on, and what devices have in common. */
const word = fc.constantFrom(
  'kvm',
  'xen',
  'lxc',
  'x86_64',
  's390x',
  'vfio-pci',
  'vfio-ap',
  'mdev',
  'pci',
  'on',
  '0x0000',
);

/** Changes of a text: at any character or at the beginning of markup; or back to how it was before. */
export const edits = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        at: fc.nat(),
        isMarkup: fc.boolean(),
        put: fc.oneof(fc.constant(''), typed),
        less: fc.nat(12),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        at: fc.nat(),
        isMarkup: fc.constant(true),
        put: fc.constant(''),
        less: fc.nat(300),
      }),
    },
    { weight: 1, arbitrary: fc.record({ from: word, to: word }) },
    { weight: 2, arbitrary: fc.record({ copied: fc.tuple(fc.nat(), fc.nat()) }) },
    { weight: 2, arbitrary: fc.record({ back: fc.integer({ min: 1, max: 3 }) }) },
  ),
  { minLength: 1, maxLength: 8 },
);

/** All versions of a text that is edited so. */
export function versions(
  text: string,
  changes: typeof edits extends fc.Arbitrary<infer T> ? T : never,
): readonly string[] {
  const all = [text];
  for (const change of changes) {
    const last = all.at(-1) ?? '';
    if ('back' in change) all.push(all.at(-1 - change.back) ?? text);
    else if ('copied' in change) {
      const places = [0, ...[...last.matchAll(/>/gu)].map(({ index }) => index + 1)];
      const [start = 0, end = 0] = change.copied
        .map((at) => places[at % places.length] ?? 0)
        .toSorted((a, b) => a - b);
      all.push(last.slice(0, end) + last.slice(start));
    } else if ('from' in change) all.push(last.replace(change.from, change.to));
    else {
      const places = change.isMarkup ? [...last.matchAll(/</gu)].map(({ index }) => index) : [];
      const at =
        places.length > 0
          ? (places[change.at % places.length] ?? 0)
          : change.at % (last.length + 1);
      all.push(last.slice(0, at) + change.put + last.slice(at + change.less));
    }
  }
  return all;
}
