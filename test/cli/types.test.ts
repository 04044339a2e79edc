import { afterAll, expect, it } from 'vitest';
import { initSimulatedHost } from '../../src/plan/connect.ts';
import type { Connection } from '../../src/plan/connection.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { run } from './run.ts';

const hostOf = async (profile: string): Promise<Connection> => {
  const folder = temporaryFolder({ inMemory: true, onFinished: afterAll });
  const host = await initSimulatedHost(folder, profile);
  afterAll(() => host.close());
  return host;
};

interface TypesReport {
  readonly types: readonly unknown[];
  readonly cards: readonly {
    readonly parents: readonly string[];
    readonly types: readonly unknown[];
  }[];
}

const a40 = await hostOf('nvidia-a40');
await a40.create(
  "<device><parent>pci_0000_41_00_5</parent><capability type='mdev'><type id='nvidia-558'/></capability></device>",
);

const generic = await hostOf('generic');

async function typesOf(host: Connection, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(['types', ...words], {
    connect: () => Promise.resolve({ ...host, close: () => Promise.resolve() }),
  });
  expect(stderr).toBe('');
  return stdout;
}

it('the virtual functions of a card are one block, with what the whole card takes', async () => {
  const told = await typesOf(a40, '--where', 'series=Q');
  expect(told.split('\n')[0]).toBe(
    'GA102GL [A40]: 32 functions, pci_0000_41_00_4 to pci_0000_41_04_3, of which 31 are free (--all lists each)',
  );
  expect(told.match(/^ nvidia-\d+ .*$/gm)).toHaveLength(10);
  expect(told).toMatch(/^ nvidia-558 +NVIDIA A40-2Q +<=23 +1 /m);
  expect(told).toMatch(/^ nvidia-557 +NVIDIA A40-1Q +0 +0 /m);
});

it('they are listed each with --all, for one parent, and in JSON', async () => {
  const where = ['--where', 'name=NVIDIA A40-2Q'];
  const all = await typesOf(a40, '--all', ...where);
  expect(all.match(/^ pci_0000_41_\S+ +nvidia-558 /gm)).toHaveLength(32);
  const one = await typesOf(a40, 'pci_0000_41_00_5', ...where);
  expect(one).toMatch(/^ nvidia-558 +NVIDIA A40-2Q +0 +1 /m);
  const json: unknown = JSON.parse(await typesOf(a40, '--json', ...where));
  expect(json).toHaveProperty('types.length', 32);
});

it('a filter that nothing meets leaves the headings', async () => {
  expect(await typesOf(a40, '--where', 'free>5')).toMatch(/^ Parent +Type /);
});

it('parents that are a card each are rows of one table, before the cards', async () => {
  const told = await typesOf(generic);
  expect(told.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trimEnd())).toEqual([
    ' Parent  Type  Name  Free  Used  Has',
    expect.stringMatching(/^-+$/),
    ' pci_0000_4f_00_0  acme-eighth  An eighth of an engine  8  0  queues 1',
    ' pci_0000_4f_00_0  acme-half  Half an engine  2  0  queues 4',
    ' pci_0000_50_00_0  acme-eighth  An eighth of an engine  8  0  queues 1',
    ' pci_0000_50_00_0  acme-half  Half an engine  2  0  queues 4',
    '',
    'Engine: 2 functions, pci_0000_51_00_1 to pci_0000_51_00_2, of which 2 are free (--all lists each)',
    ' Type  Name  Free  Used  Has',
    expect.stringMatching(/^-+$/),
    ' acme-eighth  An eighth of an engine  <=16  0  queues 1',
    ' acme-half  Half an engine  <=4  0  queues 4',
    '',
    '',
  ]);
});

it('shows a GPU whose functions take types as one card', async () => {
  const l40s = await hostOf('nvidia-l40s');
  const gpu = await typesOf(l40s, 'pci_0000_42_00_0', '--where', 'free=1');
  expect(gpu).toMatch(/32 functions, .* of which 32 are free/);
  expect(await typesOf(l40s, 'pci_0000_42_00_0', '--all')).toMatch(/^ Parent +Type /);
  expect(await typesOf(l40s, 'pci_0000_42_00_5')).toMatch(/^ Type +Name /);
});

it('--json has each function, and what the whole card takes', async () => {
  const l40s = await hostOf('nvidia-l40s');
  const { types, cards }: TypesReport = JSON.parse(
    await typesOf(l40s, 'pci_0000_42_00_0', '--where', 'id=1155', '--json'),
  );
  expect(types).toHaveLength(32);
  expect(cards).toHaveLength(1);
  expect(cards[0]?.parents).toHaveLength(32);
  expect(cards[0]?.types).toContainEqual({
    id: 'nvidia-1155',
    free: 2,
    used: 0,
    confidence: 'upper-bound',
  });
});
