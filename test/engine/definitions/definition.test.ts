import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../../src/errors.ts';
import {
  type Definition,
  formatDefinition,
  isAttributeName,
  parseDefinition,
} from '../../../src/engine/definitions/definitions.ts';

/** As an error is printed: the place, when there is one, and the message. */
function placeAndMessage(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return `${error.location?.file ?? ''}${error.message}`;
  }
}

const plain: Definition = { type: 'mtty-1', autostart: false, attributes: [], extra: {} };

/** Text as mdevctl 1.2.0 and 1.4.0 wrote it, and what it says. */
const WRITTEN_BY_MDEVCTL: readonly (readonly [string, Definition])[] = [
  ['{\n  "mdev_type": "mtty-1",\n  "start": "manual",\n  "attrs": []\n}', plain],
  [
    '{\n  "mdev_type": "vfio_ap-passthrough",\n  "start": "auto",\n  "attrs": [\n' +
      '    {\n      "assign_adapter": "5"\n    },\n    {\n      "assign_domain": "0xab"\n    },\n' +
      '    {\n      "assign_adapter": "5"\n    }\n  ]\n}',
    {
      type: 'vfio_ap-passthrough',
      autostart: true,
      attributes: [
        { name: 'assign_adapter', value: '5' },
        { name: 'assign_domain', value: '0xab' },
        { name: 'assign_adapter', value: '5' },
      ],
      extra: {},
    },
  ],
  [
    '{\n  "mdev_type": "nvidia-18",\n  "start": "manual",\n  "attrs": [\n' +
      '    {\n      "nvidia/vgpu_params": "a=\\"ü\\"\\n\\t\\\\\\u0001/\u007f\u2028"\n    }\n  ]\n}',
    {
      type: 'nvidia-18',
      autostart: false,
      attributes: [{ name: 'nvidia/vgpu_params', value: 'a="ü"\n\t\\\u0001/\u007f\u2028' }],
      extra: {},
    },
  ],
];

describe('definition files', () => {
  it.each(WRITTEN_BY_MDEVCTL)('are read and written as mdevctl does: %j', (text, definition) => {
    expect(parseDefinition(text)).toEqual(definition);
    expect(formatDefinition(definition)).toBe(text);
  });

  it.each([
    ['{"mdev_type":"t","start":"auto"}', { autostart: true }],
    ['{"mdev_type":"t","start":"AUTO","attrs":null}', {}],
    ['{"mdev_type":"t","start":5,"attrs":[]}', {}],
    ['{"start":"","mdev_type":"t"}', {}],
    [
      '{"mdev_type":"t","start":"m","__proto__":{"a":[1]},"toString":null}',
      { extra: JSON.parse('{"__proto__":{"a":[1]},"toString":null}') as unknown },
    ],
    [
      '{"mdev_type":"t","start":"m","attrs":[{"__proto__":"x"}]}',
      { attributes: [{ name: '__proto__', value: 'x' }] },
    ],
  ])('are read as tolerantly as by mdevctl: %s', (text, said) => {
    expect(parseDefinition(text)).toEqual({ ...plain, type: 't', ...said });
  });

  it.each([
    ['', 'the file is empty'],
    ['\n', 'the file is empty'],
    ['{"mdev_type":"t","sta', 'invalid json'],
    ['{"mdev_type":"t","start":"auto"}\0', 'invalid json'],
    ['\ufeff{"mdev_type":"t","start":"auto"}', 'invalid json'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{"start":"auto"}', 'mdev_type'],
    ['{"mdev_type":5,"start":"auto"}', 'mdev_type'],
    ['{"mdev_type":null,"start":"auto"}', 'mdev_type'],
    ['{"mdev_type":"","start":"auto"}', 'mdev_type'],
    ['{"mdev_type":"a/../b","start":"auto"}', 'mdev_type'],
    ['{"mdev_type":"..","start":"auto"}', 'mdev_type'],
    ['{"mdev_type":"t","start":null}', 'start'],
    ['{"mdev_type":"t"}', 'start'],
    ['{"mdev_type":"t","start":"auto","attrs":{}}', 'attrs'],
    ['{"mdev_type":"t","start":"auto","attrs":["a"]}', 'attrs[0]'],
    ['{"mdev_type":"t","start":"auto","attrs":[{}]}', 'attrs[0]'],
    ['{"mdev_type":"t","start":"auto","attrs":[{"a":"b"},{"a":"b","c":"d"}]}', 'attrs[1]'],
    ['{"mdev_type":"t","start":"auto","attrs":[{"a":1}]}', 'attrs[0]'],
    ['{"mdev_type":"t","start":"auto","attrs":[{"/etc/passwd":"x"}]}', '/etc/passwd'],
    ['{"mdev_type":"t","start":"auto","attrs":[{"a":"\\ud800"}]}', 'Unicode'],
    [`{"mdev_type":"t","start":"auto","x":${'['.repeat(500)}${']'.repeat(500)}}`, 'deep'],
  ])('are refused with file and reason: %.40s', (text, reason) => {
    const read = (): Definition => parseDefinition(text, 'the-file');
    expect(read).toThrow(expect.objectContaining({ code: 'definition-invalid' }));
    expect(read).toThrow(reason);
    expect(placeAndMessage(read)).toMatch(/^the-file/u);
  });

  it('names the line where the text stops being JSON', () => {
    expect(() => parseDefinition('{\n  "mdev_type": "t",\n  "start": "au', 'f')).toThrow(
      expect.objectContaining({ location: { file: 'f', line: 3, column: 15 } }),
    );
    expect(() => parseDefinition('{\n  "start": "auto",\n}', 'f')).toThrow(
      expect.objectContaining({ location: { file: 'f', line: 3, column: 1 } }),
    );
  });

  it('are not written with names that lead elsewhere', () => {
    const attributes = [{ name: '../../../power/control', value: 'off' }];
    expect(() => formatDefinition({ ...plain, attributes })).toThrow('power/control');
    expect(() => formatDefinition({ ...plain, type: '../x' })).toThrow('../x');
    expect(() =>
      formatDefinition({ ...plain, attributes: [{ name: 'a', value: '\udc00' }] }),
    ).toThrow('Unicode');
  });

  it('keep everything through writing and reading', () => {
    const text = fc.string({ unit: 'grapheme' });
    const definitions = fc.record<Definition>({
      type: fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/),
      autostart: fc.boolean(),
      attributes: fc.array(fc.record({ name: text.filter(isAttributeName), value: text })),
      extra: fc
        .dictionary(text, fc.jsonValue())
        .map(({ mdev_type: _type, start: _start, attrs: _attrs, ...others }) => others),
    });
    fc.assert(
      fc.property(definitions, (definition) => {
        const { extra, ...rest } = parseDefinition(formatDefinition(definition));
        expect({ ...rest, extra: definition.extra }).toEqual(definition);
        expect(JSON.stringify(extra)).toBe(JSON.stringify(definition.extra)); // JSON has no -0
      }),
    );
  });
});
