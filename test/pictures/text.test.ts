import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { topologyText } from '../../src/index.ts';
import { cellsWidth, terminalCells } from '../../src/terminal-text.ts';
import { anyTopology } from './arbitrary.ts';
import { busyCards, read, twoGroups, virtualFunctions } from './hosts.ts';

it.each([
  ['two-groups', twoGroups],
  ['virtual-functions', virtualFunctions],
  ['many-cards', busyCards],
])('%s', async (name, make) => {
  await expect(topologyText(await read(make))).toMatchFileSnapshot(`golden/${name}.txt`);
});

it('in 40 columns, in ASCII and in colour', async () => {
  const topology = await read(twoGroups);
  const shown = [
    topologyText(topology, { width: 40 }),
    topologyText(topology, { ascii: true }),
    topologyText(topology, { color: true }).replaceAll('\u{1b}', 'ESC'),
  ];
  await expect(shown.join('\n')).toMatchFileSnapshot('golden/terminals.txt');
});

const SGR = new RegExp(String.raw`\u{1b}\[\d*m`, 'gu');

it('is never wider than the terminal, and holds nothing a terminal obeys', () => {
  fc.assert(
    fc.property(
      anyTopology,
      fc.integer({ min: 40, max: 120 }),
      fc.boolean(),
      (host, width, ascii) => {
        const text = topologyText(host, { width, ascii, color: true }).replaceAll(SGR, '');
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        const widths = text.split('\n').map((line) => cellsWidth(terminalCells(line)));
        expect(Math.max(...widths)).toBeLessThanOrEqual(width);
      },
    ),
    { numRuns: 80 },
  );
});

it('names every device', () => {
  fc.assert(
    fc.property(anyTopology, (host) => {
      const cards = host.cards.map((card, index) => ({
        ...card,
        devices: card.devices.map((device, at) => ({ ...device, uuid: `uuid-${index}-${at}` })),
      }));
      const text = topologyText({ ...host, cards });
      const uuids = cards.flatMap(({ devices }) => devices.map(({ uuid }) => uuid));
      expect(uuids.filter((uuid) => !text.includes(uuid))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
