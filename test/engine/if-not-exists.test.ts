import { beforeEach, describe, expect, it } from 'vitest';
import { connect, type Connection, type Issue, NodedevError } from '../../src/index.ts';

const UUID = '00000000-0000-4000-8000-000000000001';
const GPUS = ['pci_0000_86_00_0', 'pci_0000_87_00_0'] as const;
const xml = (type: string, parent: string = GPUS[0], more = ''): string =>
  `<device><parent>${parent}</parent><capability type='mdev'><type id='${type}'/><uuid>${UUID}</uuid>${more}</capability></device>`;

let host: Connection;
let told: Issue[];

beforeEach(async () => {
  told = [];
  host = await connect('test:///nvidia-m60', { report: (issue) => told.push(issue) });
});

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof NodedevError ? error.code : 'other'),
  );

describe.each(['create', 'define'] as const)('%s of what is there already', (method) => {
  beforeEach(async () => {
    await host[method](xml('nvidia-11', GPUS[0], '<group>g</group>'));
  });

  it('is left with the option, and told', async () => {
    const again = xml('nvidia-11', GPUS[0], '<group>other</group>');
    await host[method](again, { ifNotExists: true });
    expect(told).toMatchObject([{ code: 'uuid-exists', severity: 'notice' }]);
    expect((await host.info(UUID)).group).toBe('g');
  });

  it.each([
    ['another type', xml('nvidia-12')],
    ['another parent', xml('nvidia-11', GPUS[1])],
  ])('is refused with %s', async (_, other) => {
    const code = await codeOf(host[method](other, { ifNotExists: true }));
    expect(['uuid-exists', 'definition-mismatch']).toContain(code);
    expect((await host.list({ capabilities: ['mdev'], state: 'all' })).items).toHaveLength(1);
  });
});

it('defining a device that is active on another parent is refused with the option', async () => {
  await host.create(xml('nvidia-11'));
  const define = host.define(xml('nvidia-11', GPUS[1]), { ifNotExists: true });
  expect(await codeOf(define)).toBe('uuid-exists');
  await host.define(xml('nvidia-11'), { ifNotExists: true });
  expect(told).toEqual([]);
});
