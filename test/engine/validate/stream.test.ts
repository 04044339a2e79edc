import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateDocument } from '../../../src/engine/validate/document.ts';
import { mdev, UUID, UUID2 } from '../../domain/support.ts';

const said = (text: string | Uint8Array) =>
  validateDocument(text, { file: 'f' }).map(({ code, location, hint }) =>
    `${location?.line ?? 0}:${location?.column ?? 0} ${code} ${/line \d+/.exec(hint ?? '')?.[0] ?? ''}`.trim(),
  );

const device = '<device><name>x</name><capability type="system"/></device>';

test.each([
  ['one host device', mdev(), []],
  ['two', `${mdev()}\n${mdev({ uuid: UUID2 })}\n`, []],
  ['one device twice', `${mdev()}\n${mdev()}`, ['2:73 hostdev-duplicate line 1']],
  [
    'a mistake in the first line',
    `<hostdev type='mdev'/>${mdev()}`,
    ['1:1 hostdev-source-missing', '1:1 mdev-model-missing'],
  ],
  [
    'host devices and node devices',
    `<?xml-x?>\n${mdev()}\n<!-- c -->${device}<device/>`,
    ['3:33 nodedev-invalid', '3:69 nodedev-invalid'],
  ],
  ['a byte order mark', `\uFEFF${mdev()}<hostdv/>`, ['1:137 document-unknown']],
  ["what a host device's rest of the domain decides", mdev({ attributes: "display='on'" }), []],
  ['a stream with text in it', `${mdev()}x${mdev()}`, ['1:137 xml-malformed']],
  ['one document that is broken', '<hostdev>', ['1:10 xml-malformed']],
])('%s', (_, text, expected) => {
  expect(said(text)).toEqual(expected);
  expect(said(Buffer.from(text))).toEqual(expected);
});

test('domains in a stream are checked one by one', () => {
  const domain = readFileSync('samples/domains/workstation.xml', 'utf8');
  expect(said(`${domain}${domain.replaceAll(UUID, UUID2)}`)).toEqual([]);
});
