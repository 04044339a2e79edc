import * as fc from 'fast-check';
import type {
  GroupInfo,
  Topology,
  TopologyCard,
  TopologyDevice,
  TopologyType,
} from '../../src/index.ts';
import { topologyOf } from '../../src/plan/topology.ts';

/** What markup, Graphviz, a terminal or a screen could take for something else. */
const HOSTILE = [
  '</style><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '-->]]>&lt;&amp;',
  String.raw`\" \N \l \\`,
  '"];evil[label="',
  '<b>bold</b>',
  '\u{1b}[31mred\u{7}',
  '\u{202e}reversed',
  '\u{0}\u{ffff}\u{fffe}\u{d800}',
  'line\nbreak\r\ttab',
  '漢字かなカナ한글'.repeat(4),
  '👩‍👩‍👧'.repeat(8),
  'e\u{301}'.repeat(40),
  'long'.repeat(60),
  '__proto__',
  'constructor',
  '',
];

/** Names as hostile files have them, and any others. */
export const hostileName = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('nvidia-18', 'GRID M60-2Q', 'group1', 'workstation'),
);

const count = fc.oneof(fc.nat(20), fc.nat(70_000));

const type: fc.Arbitrary<TopologyType> = fc.record({
  id: hostileName,
  name: fc.option(hostileName, { nil: undefined }),
  used: count,
  free: count,
  confidence: fc.constantFrom('exact', 'upper-bound'),
  maximum: fc.option(count, { nil: undefined }),
});

const owner = fc.option(
  fc.record({ name: hostileName, by: fc.constantFrom('claim', 'open', 'running', 'defined') }),
  { nil: undefined },
);

const device: fc.Arbitrary<TopologyDevice> = fc.record({
  name: hostileName,
  uuid: hostileName,
  parent: hostileName,
  alias: fc.option(hostileName, { nil: undefined }),
  type: fc.option(hostileName, { nil: undefined }),
  group: fc.option(hostileName, { nil: undefined }),
  owner,
  active: fc.boolean(),
});

const card: fc.Arbitrary<TopologyCard> = fc.record({
  product: fc.option(hostileName, { nil: undefined }),
  driver: fc.constantFrom('nvidia', undefined),
  numaNode: fc.constantFrom(0, 1, undefined),
  parents: fc.array(fc.record({ name: hostileName, address: hostileName }), {
    minLength: 1,
    maxLength: 3,
  }),
  load: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  types: fc.array(type, { maxLength: 6 }),
  devices: fc.array(device, { maxLength: 5 }),
});

const member = fc.record({
  name: hostileName,
  active: fc.boolean(),
  uuid: hostileName,
  parent: hostileName,
  parentAddress: hostileName,
});

const group: fc.Arbitrary<GroupInfo> = fc.record({
  name: hostileName,
  members: fc.array(member, { minLength: 1, maxLength: 3 }),
  owner,
  open: fc.boolean(),
});

/** Any host there could be, and many there could not. */
export const anyTopology: fc.Arbitrary<Topology> = fc
  .record({
    uri: hostileName,
    cards: fc.array(card, { maxLength: 10 }),
    absent: fc.array(device, { maxLength: 3 }),
    groups: fc.uniqueArray(group, { maxLength: 5, selector: ({ name }) => name }),
  })
  .map(({ uri, cards, absent, groups }) => {
    const { domains } = topologyOf(uri, { cards: [], devices: [], groups, problems: [] });
    return { uri, cards, absent, groups, domains, problems: [] };
  });
