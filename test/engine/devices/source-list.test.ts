import { expect, it } from 'vitest';
import { sourceList } from '../../../src/engine/devices/source-list.ts';

const XML = '<device/>';
const BYTES = new TextEncoder().encode(XML);

it('takes text and bytes, one or several', () => {
  expect(sourceList(XML)).toEqual([{ text: XML }]);
  expect(sourceList([XML, { text: BYTES, file: 'a.xml' }])).toEqual([
    { text: XML },
    { text: BYTES, file: 'a.xml' },
  ]);
});

it.each<readonly [what: string, value: unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 5],
  ['bytes alone', BYTES],
  ['a source without text', { file: 'a.xml' }],
  ['a source whose text is a number', { text: 5 }],
  ['nothing in a list', [undefined]],
])('refuses %s, as a program without types gives it', (_, value) => {
  expect((): void => {
    Reflect.apply(sourceList, undefined, [value]);
  }).toThrow(
    expect.objectContaining({ code: 'request-invalid', hint: expect.stringContaining('text') }),
  );
});
