import { describe, expect, it } from 'vitest';
import { parseNodeDevice, parseNodeDevices } from '../../src/nodedev/parse.ts';
import { type Case, capability, compare, refusalOf, titled } from './support.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const TYPE = "<type id='t'/>";

const device: readonly Case[] = [
  ['<devic/>', 1, 1, 'unexpected root element <devic>, expecting <device>'],
  ['<device/>', 1, 1, "no device capabilities for 'new device'"],
  ['<device>\n <name>n</name>\n</device>', 1, 1, "no device capabilities for 'n'"],
  [
    '<device>\n <capability/></device>',
    2,
    2,
    "Missing required attribute 'type' in element 'capability'",
  ],
  [
    "<device><capability type=''/></device>",
    1,
    9,
    "Missing required attribute 'type' in element 'capability'",
  ],
  [
    "<device><capability type='vpd'/></device>",
    1,
    9,
    "Capability type 'vpd' cannot stand here",
    'Allowed here: system, pci,',
  ],
  [
    "<device><capability type='fc_host'/></device>",
    1,
    9,
    "Capability type 'fc_host' cannot stand here",
  ],
  [
    "<device>\n<name>a</name>\n<name>b</name>\n<capability type='x'/></device>",
    3,
    1,
    'Element <name> appears more than once',
  ],
  [
    "<device><name>a<b/></name><capability type='x'/></device>",
    1,
    16,
    'Unexpected element <b> in <name>',
  ],
  ["<device>text<capability type='x'/></device>", 1, 1, 'Unexpected text in <device>'],
  [
    "<device><devnode>/dev/a</devnode><capability type='x'/></device>",
    1,
    9,
    "Missing required attribute 'type' in element 'devnode'",
  ],
  [
    "<device>\n<devnode type='foo'>/dev/a</devnode><capability type='x'/></device>",
    2,
    10,
    "Invalid value for attribute 'type' in element 'devnode': 'foo'",
    'Expected dev or link.',
  ],
  [
    "<device><parent wwnn='2001001b32a9da4e'/><capability type='x'/></device>",
    1,
    9,
    "when providing parent wwnn='2001001b32a9da4e', the wwpn must also be provided",
  ],
  [
    "<device><parent wwpn='2001001b32a9da4e'/><capability type='x'/></device>",
    1,
    9,
    "when providing parent wwpn='2001001b32a9da4e', the wwnn must also be provided",
  ],
  [
    "<device><parent fabric_wwn='12'/><capability type='x'/></device>",
    1,
    17,
    "Invalid value for attribute 'fabric_wwn' in element 'parent': '12'",
    '16 hexadecimal digits',
  ],
  [
    "<device><capability type='mdev'><type id='a'/></capability>\n<capability type='mdev'><type id='b'/></capability></device>",
    2,
    1,
    "Capability type 'mdev' appears more than once",
    'libvirt takes the first only',
  ],
];

const mdev: readonly Case[] = [
  [capability('mdev'), 3, 1, "missing type id attribute for 'n'"],
  [capability('mdev', '<type/>'), 4, 1, "missing type id attribute for 'n'"],
  [capability('mdev', "<type id=''/>"), 4, 1, "missing type id attribute for 'n'"],
  [
    capability('mdev', TYPE, '<uuid>zzz</uuid>'),
    5,
    1,
    "Invalid uuid 'zzz' for new mdev device",
    '32 hexadecimal digits',
  ],
  [
    capability('mdev', TYPE, `<uuid>${UUID}</uuid>`, `<uuid>${UUID}</uuid>`),
    6,
    1,
    'Element <uuid> appears more than once',
  ],
  [
    capability('mdev', TYPE, "<iommuGroup number='x'/>"),
    5,
    13,
    "Invalid value for attribute 'number' in element 'iommuGroup': 'x'",
    'from 0 to 4294967295',
  ],
  [
    capability('mdev', TYPE, "<iommuGroup number='-1'/>"),
    5,
    13,
    "Invalid value for attribute 'number' in element 'iommuGroup': '-1'",
  ],
  [
    capability('mdev', TYPE, "<iommuGroup number='4294967296'/>"),
    5,
    13,
    "Invalid value for attribute 'number' in element 'iommuGroup': '4294967296'",
  ],
  [capability('mdev', TYPE, "<attr name='a'/>"), 5, 1, 'mdev attribute missing name or value'],
  [capability('mdev', TYPE, "<attr value='a'/>"), 5, 1, 'mdev attribute missing name or value'],
  [
    capability('mdev', TYPE, "<attr name='' value='1'/>"),
    5,
    1,
    'mdev attribute missing name or value',
  ],
  [
    capability('mdev', "<type id='t'><attribute>2</attribute></type>"),
    4,
    14,
    "Missing required attribute 'name' in element 'attribute'",
  ],
  [
    capability('mdev', "<type id='t'><attribute name='a' value='1'>2</attribute></type>"),
    4,
    14,
    "<attribute> has a value both as text and in attribute 'value'",
  ],
  [
    capability('ap_matrix', "<capability type='mdev_types'>", '<type/>', '</capability>'),
    5,
    1,
    "missing 'id' attribute for mediated device's <type> element",
  ],
  [
    capability('ap_matrix', "<capability type='mdev_types'>", TYPE, '</capability>'),
    5,
    1,
    "missing device API for mediated device type 't'",
  ],
  [
    capability(
      'ap_matrix',
      "<capability type='mdev_types'>",
      "<type id='t'><deviceAPI>vfio-ap</deviceAPI></type>",
      '</capability>',
    ),
    5,
    1,
    "missing number of available instances for mediated device type 't'",
  ],
  [
    capability(
      'ap_matrix',
      "<capability type='mdev_types'>",
      "<type id='t'><deviceAPI>a</deviceAPI><availableInstances>-1</availableInstances></type>",
      '</capability>',
    ),
    5,
    38,
    "Invalid value for element 'availableInstances': '-1'",
  ],
  [
    capability('ap_matrix', "<capability type='mdev_types'/>", "<capability type='mdev'/>"),
    5,
    1,
    "Capability type 'mdev' appears more than once",
  ],
];

describe.each([
  ['a device', device],
  ['mdev and mdev_types', mdev],
])('%s', (_, cases) => {
  it.each(titled(cases))('$title', ({ test }) => {
    const { found, expected } = compare(test);
    expect(found).toEqual(expected);
  });
});

it('reports every mistake of a document, the first one first', () => {
  const xml = capability('mdev', "<type id='t'/>", '<uuid>no</uuid>', "<attr name='a'/>");
  expect(refusalOf(xml).issues).toMatchObject([
    { message: "Invalid uuid 'no' for new mdev device", location: { line: 5, column: 1 } },
    { message: 'mdev attribute missing name or value', location: { line: 6, column: 1 } },
  ]);
});

it('names the file in every place', () => {
  expect(() => parseNodeDevice('<device/>', { file: 'a.xml' })).toThrowError(
    expect.objectContaining({ location: { file: 'a.xml', line: 1, column: 1 } }),
  );
});

it('leaves what is no XML to the reader', () => {
  expect(refusalOf('<device>').code).toBe('xml-malformed');
});

describe('several devices in one document', () => {
  const one = "<device><capability type='ap_matrix'/></device>";

  it.each([
    ['a device', one, 1],
    ['none', '<devices/>', 0],
    ['three', `<devices>\n${one}${one} ${one}\n</devices>`, 3],
  ])('%s', (_, xml, count) => {
    expect(parseNodeDevices(xml)).toHaveLength(count);
  });

  it.each([
    ['<domain/>', 'unexpected root element <domain>, expecting <device> or <devices>'],
    ['<devices><domain/></devices>', 'unexpected root element <domain>, expecting <device>'],
    ['<devices>x</devices>', 'Unexpected text in <devices>'],
  ])('%s is refused', (xml, message) => {
    expect(() => parseNodeDevices(xml)).toThrowError(message);
  });
});
