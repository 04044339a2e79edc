import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hostdev } from '../../src/domain/hostdev.ts';
import { insertHostdev } from '../../src/domain/insert-hostdev.ts';
import { parseDomain } from '../../src/domain/parse-domain.ts';
import { hostdevs } from './arbitrary.ts';
import { addressText } from '../../src/domain/address.ts';
import { domainXml, mdev, refusal, UUID, UUID2 } from './support.ts';

const vgpu: Hostdev = { uuid: UUID, model: 'vfio-pci' };
const UUID3 = '11111111-2222-4333-8444-555555555555';
const START = "<hostdev mode='subsystem' type='mdev' model='vfio-pci'>";
const ADDRESS = `<address uuid='${UUID}'/>`;

const layouts: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'two spaces',
    '<domain>\n  <devices>\n    <disk/>\n  </devices>\n</domain>\n',
    `<domain>\n  <devices>\n    <disk/>\n    ${START}\n      <source>\n        ${ADDRESS}\n      </source>\n    </hostdev>\n  </devices>\n</domain>\n`,
  ],
  [
    'tabs, no newline at the end',
    '<domain>\n\t<devices>\n\t\t<disk/>\n\t</devices>\n</domain>',
    `<domain>\n\t<devices>\n\t\t<disk/>\n\t\t${START}\n\t\t\t<source>\n\t\t\t\t${ADDRESS}\n\t\t\t</source>\n\t\t</hostdev>\n\t</devices>\n</domain>`,
  ],
  [
    'four spaces, CRLF',
    '<domain>\r\n    <devices>\r\n        <disk/>\r\n    </devices>\r\n</domain>\r\n',
    `<domain>\r\n    <devices>\r\n        <disk/>\r\n        ${START}\r\n            <source>\r\n                ${ADDRESS}\r\n            </source>\r\n        </hostdev>\r\n    </devices>\r\n</domain>\r\n`,
  ],
  [
    'an empty element',
    '<domain>\n  <devices/>\n</domain>\n',
    `<domain>\n  <devices>\n    ${START}\n      <source>\n        ${ADDRESS}\n      </source>\n    </hostdev>\n  </devices>\n</domain>\n`,
  ],
  [
    'no children, on one line',
    '<domain>\n  <devices></devices>\n</domain>\n',
    `<domain>\n  <devices>\n    ${START}\n      <source>\n        ${ADDRESS}\n      </source>\n    </hostdev>\n  </devices>\n</domain>\n`,
  ],
  [
    'no children, on two lines',
    '<domain>\n <devices>\n </devices>\n</domain>\n',
    `<domain>\n <devices>\n  ${START}\n   <source>\n    ${ADDRESS}\n   </source>\n  </hostdev>\n </devices>\n</domain>\n`,
  ],
  [
    'everything on one line',
    '<domain><devices><disk/></devices></domain>\n',
    `<domain><devices><disk/>${START}<source>${ADDRESS}</source></hostdev></devices></domain>\n`,
  ],
  [
    'everything on one line, empty',
    '<domain><devices /></domain>',
    `<domain><devices >${START}<source>${ADDRESS}</source></hostdev></devices></domain>`,
  ],
  [
    'the end tag behind the last device',
    '<domain>\n<devices>\n  <disk/></devices>\n</domain>\n',
    `<domain>\n<devices>\n  <disk/>\n  ${START}\n    <source>\n      ${ADDRESS}\n    </source>\n  </hostdev></devices>\n</domain>\n`,
  ],
  [
    'a domain without devices',
    '<domain>\n  <name>vm</name>\n</domain>\n',
    `<domain>\n  <name>vm</name>\n  <devices>\n    ${START}\n      <source>\n        ${ADDRESS}\n      </source>\n    </hostdev>\n  </devices>\n</domain>\n`,
  ],
  [
    'an empty domain on one line',
    '<domain/>',
    `<domain><devices>${START}<source>${ADDRESS}</source></hostdev></devices></domain>`,
  ],
  [
    'a comment that looks like the end, a byte order mark',
    '\uFEFF<!-- </devices> -->\n<domain>\n <devices>\n  <disk/>\n  <!-- </devices> -->\n </devices >\n</domain>\n',
    `\uFEFF<!-- </devices> -->\n<domain>\n <devices>\n  <disk/>\n  <!-- </devices> -->\n  ${START}\n   <source>\n    ${ADDRESS}\n   </source>\n  </hostdev>\n </devices >\n</domain>\n`,
  ],
];

describe('insertHostdev', () => {
  test.each(layouts)('indents as the file does: %s', (_, before, after) => {
    expect(insertHostdev(before, vgpu)).toBe(after);
  });

  test('inserts several in order', () => {
    const text = insertHostdev(domainXml('<disk/>'), [vgpu, { ...vgpu, uuid: UUID2 }]);
    expect(parseDomain(text).mdevs.map(({ uuid }) => uuid)).toEqual([UUID, UUID2]);
  });

  test("writes the thread's form on request", () => {
    expect(insertHostdev(domainXml('<disk/>'), vgpu, { dialect: 'thread' })).toContain(
      `<source type='mdev'>\n    <uuid>${UUID}</uuid>`,
    );
  });

  test('with a free address each, taken from where the domain has room', () => {
    const port = "<controller type='pci' index='1' model='pcie-root-port'/>";
    const text = insertHostdev(
      domainXml(port, { machine: 'q35' }),
      [vgpu, { ...vgpu, uuid: UUID2 }, { uuid: UUID3, model: 'vfio-ap' }],
      { address: 'auto' },
    );
    expect(parseDomain(text).mdevs.map(({ address }) => address && addressText(address))).toEqual([
      '0000:01:00.0',
      '0000:02:00.0',
      undefined,
    ]);
  });

  test('a channel device gets a free number', () => {
    const disk = "<disk><address type='ccw' cssid='0xfe' ssid='0' devno='0'/></disk>";
    const text = insertHostdev(
      domainXml(disk, { arch: 's390x' }),
      { ...vgpu, model: 'vfio-ccw' },
      {
        address: 'auto',
      },
    );
    expect(text).toContain("<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x0001'/>");
  });

  test('where no address is known to be free, nothing is chosen', () => {
    const error = refusal(() =>
      insertHostdev(domainXml('<disk/>', { machine: 'microvm' }), vgpu, { address: 'auto' }),
    );
    expect(error.message).toBe('no address is known to be free in this domain');
  });

  test('inserts nothing for no hostdev', () => {
    expect(insertHostdev('<domain><devices/></domain>', [])).toBe('<domain><devices/></domain>');
  });

  test.each([
    [
      'a uuid that is there with other settings',
      domainXml(`<disk/>\n${mdev({ uuid: UUID.toUpperCase() })}`),
      [{ ...vgpu, display: true }],
      'hostdev-duplicate',
      `mediated device ${UUID} is already in the domain with other settings`,
      6,
    ],
    [
      'one uuid twice',
      domainXml('<disk/>'),
      [vgpu, vgpu],
      'hostdev-duplicate',
      `mediated device ${UUID} is already in the domain`,
      undefined,
    ],
    ['another document', '\n<network/>', [vgpu], 'domain-invalid', '<network> is not a domain', 2],
    [
      'a domain whose devices are misspelt',
      '<domain>\n<device/></domain>',
      [vgpu],
      'domain-invalid',
      'the domain has no <devices>',
      2,
    ],
    [
      'a container',
      "<domain type='lxc'><devices/></domain>",
      [vgpu],
      'hostdev-unsupported',
      "a domain of type 'lxc' takes no mediated devices",
      1,
    ],
  ])('refuses %s', (_, text, list, code, message, line) => {
    const error = refusal(() => insertHostdev(text, list));
    expect(error).toMatchObject({ code, message });
    expect(error.location?.line).toBe(line);
    expect(error.hint).toBeDefined();
  });

  test('adds the hostdev and changes nothing else, whatever the layout', () => {
    const blank = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\n  ',
      '\r\n\t',
      '\n\n    ',
      '<!-- </devices> -->\n',
    );
    const child = fc.constantFrom('<disk/>', "<graphics type='vnc'/>", '<a><b>x</b></a>');
    const body = fc.array(fc.tuple(blank, child), { maxLength: 4 });
    fc.assert(
      fc.property(blank, body, blank, blank, hostdevs, (first, children, last, tail, hostdev) => {
        const inside = children.flat().join('') + last;
        const text = `<domain>${first}<devices>${inside}</devices>${tail}</domain>`;
        const result = insertHostdev(text, hostdev);
        let at = 0;
        while (at < text.length && text[at] === result[at]) at++;
        const length = result.length - text.length;
        expect(result.slice(0, at) + result.slice(at + length)).toBe(text);
        expect(parseDomain(result).mdevs).toEqual([hostdev]);
      }),
      { numRuns: 300 },
    );
  });
});
