import { expect, it } from 'vitest';
import { topologyDot, topologyHtml, topologySvg, topologyText } from '../../src/index.ts';
import { read, twoGroups } from './hosts.ts';

it.each([
  ['text', topologyText],
  ['svg', topologySvg],
  ['html', topologyHtml],
  ['dot', topologyDot],
])('%s says on which machine it was read, and when', async (_, picture) => {
  const host = await read(twoGroups);
  const at = '2026-11-29T12:30:05.250Z';
  expect(picture({ ...host, read: { on: 'gpu1', at } })).toContain(
    'read on gpu1, 2026-11-29 12:30:05 UTC',
  );
  expect(picture(host)).not.toContain('read on');
  const hostile = picture({ ...host, read: { on: '<b>\u{1b}[2J', at } });
  expect(hostile).not.toContain('\u{1b}');
  expect(picture === topologyText || !hostile.includes('<b>\u{1b}')).toBe(true);
});
