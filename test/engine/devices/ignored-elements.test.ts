import { expect, it } from 'vitest';
import { connect } from '../../../src/index.ts';
import type { Issue } from '../../../src/index.ts';

const xmlOf = (inside: string, beside = ''): string =>
  `<device><parent>pci_0000_86_00_0</parent>${beside}
<capability type='mdev'><type id='nvidia-18'/>${inside}</capability></device>`;

it('reports ignored elements with their locations', async () => {
  const told: Issue[] = [];
  const manager = await connect('test:///default', { report: (issue) => told.push(issue) });
  const { devices } = await manager.create({
    file: 'a.xml',
    text: xmlOf("<attribute name='assign_adapter' value='5'/>", '<metadata/>'),
  });
  await manager.define(xmlOf("<uuid a='1'/><x/>"));
  await manager.update(devices[0]?.name ?? '', xmlOf('<y/>'));
  expect(told.map(({ message, location }) => [message, location])).toEqual([
    ['<metadata> in <device> is ignored', { file: 'a.xml', line: 1, column: 42 }],
    ["<attribute> in <capability type='mdev'> is ignored", { file: 'a.xml', line: 2, column: 47 }],
    ["attribute 'a' of <uuid> is ignored", { line: 2, column: 53 }],
    ["<x> in <capability type='mdev'> is ignored", { line: 2, column: 60 }],
    ["<y> in <capability type='mdev'> is ignored", { line: 2, column: 47 }],
  ]);
});

it('reports it in a plan as well', async () => {
  const manager = await connect('test:///default');
  const { warnings } = await manager.plan(xmlOf('<attribute/>'));
  expect(warnings).toMatchObject([{ code: 'element-ignored', severity: 'warning' }]);
});

it('says nothing of what it prints itself', async () => {
  const told: Issue[] = [];
  const manager = await connect('test:///default', { report: (issue) => told.push(issue) });
  const { devices } = await manager.create(xmlOf('<group>g</group><params>a=1</params>'));
  const dump = await manager.dumpxml(devices[0]?.name ?? '');
  await manager.destroyGroup('g');
  await manager.create(dump);
  expect(told).toEqual([]);
});
