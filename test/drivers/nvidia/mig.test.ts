import { describe, expect, it } from 'vitest';
import type { Card, CardType } from '../../../src/drivers/driver.ts';
import { nvidia } from '../../../src/drivers/nvidia/driver.ts';
import { parseProfile } from '../../../src/host/simulated/parse-profile.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { cardOf, repeat, typeOf } from '../cards.ts';

/**
 * Names and the most vGPUs on one GPU, from NVIDIA's tables ("Maximum vGPUs per GPU" of MIG-backed types):
 * https://docs.nvidia.com/ai-enterprise/release-7/latest/infra-software/vgpu/reference/ (by architecture).
 */
const BOARDS: Readonly<Record<string, string>> = {
  A100: '1-5C 7, 1-5CME 1, 1-10C 4, 2-10C 3, 3-20C 2, 4-20C 1, 7-40C 1',
  A30: '1-6C 4, 1-6CME 1, 2-12C 2, 4-24C 1',
  H100: '1-10C 7, 1-10CME 1, 1-20C 4, 2-20C 3, 3-40C 2, 4-40C 1, 7-80C 1',
  H100L: '1-12C 7, 1-12CME 1, 1-24C 4, 2-24C 3, 3-47C 2, 4-47C 1, 7-94C 1',
  H200X: '1-18C 7, 1-18CME 1, 1-35C 4, 2-35C 3, 3-71C 2, 4-71C 1, 7-141C 1',
  'RTX Pro 6000 Blackwell DC': '1-2Q 48, 1-24Q 4, 2-48Q 2, 4-96Q 1',
};

const entriesOf = (board: string): readonly string[] => BOARDS[board]?.split(', ') ?? [];

function typesOf(board: string): readonly CardType[] {
  return entriesOf(board).map((entry) => {
    const [name = '', most] = entry.split(' ');
    const size = Number(/(\d+)[A-Z]+$/.exec(name)?.[1]);
    return {
      id: `nvidia-${name}`,
      name: `NVIDIA ${board}-${name}`,
      deviceApi: 'vfio-pci',
      description: `num_heads=1, frl_config=60, framebuffer=${size * 1024}M, max_instance=${most}`,
    };
  });
}

const gpu = (
  board: string,
  names: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Card =>
  cardOf(
    typesOf(board),
    names.map((name) => `nvidia-${name}`),
    { mig: 'on', ...settings },
  );

const left = (card: Card, name: string): number =>
  nvidia.available(card, 'parent', typeOf(card, `nvidia-${name}`));

const rule = (card: Card, name: string): string =>
  nvidia.explain(card, 'parent', typeOf(card, `nvidia-${name}`)).rule;

describe('a GPU in MIG mode', () => {
  it.each(Object.keys(BOARDS))(
    '%s: an empty one takes as many as NVIDIA says, no fewer and no more',
    (board) => {
      for (const entry of entriesOf(board)) {
        const [name = '', most] = entry.split(' ');
        expect(`${name} ${left(gpu(board, []), name)}`).toBe(entry);
        expect(left(gpu(board, repeat(name, Number(most))), name)).toBe(0);
        expect(left(gpu(board, repeat(name, Number(most) - 1)), name)).toBe(1);
      }
    },
  );

  it('a board whose other types have no known ids is cut as the tables say', () => {
    const [card] = parseProfile(readSampleProfile('nvidia-h200')).cards;
    if (card === undefined) throw new Error('no card');
    const on = {
      ...card,
      parents: ['parent'],
      devices: [],
      settings: { mig: 'on', sriov: 'auto' },
    };
    expect(nvidia.explain(on, 'parent', typeOf(on, 'nvidia-1414'))).toMatchObject({ maximum: 7 });
    expect(left(on, '1428')).toBe(0);
    expect(left({ ...on, settings: {} }, '1428')).toBe(1);
  });

  it.each<[string[], string, number]>([
    // NVIDIA's own example of a valid mixed configuration on an A100: 4-20C, 2-10C, 1-5C
    [['4-20C', '2-10C'], '1-5C', 1],
    [['4-20C', '2-10C', '1-5C'], '1-5C', 0],
    [['3-20C', '3-20C'], '1-5C', 0], // memory is used up, one compute slice is not
    [['3-20C', '3-20C'], '4-20C', 0],
    [['4-20C'], '3-20C', 1],
    [['1-5CME'], '1-5CME', 0],
    [['1-5CME'], '1-5C', 6],
    [['7-40C'], '1-5C', 0],
  ])('A100 with %j has room for %s: %i', (there, name, expected) => {
    expect(left(gpu('A100', there), name)).toBe(expected);
  });

  it('on Blackwell vGPUs of one size share an instance, those of another take one of their own', () => {
    const board = 'RTX Pro 6000 Blackwell DC';
    expect(left(gpu(board, ['1-2Q']), '1-2Q')).toBe(47);
    expect(left(gpu(board, ['1-2Q']), '1-24Q')).toBe(3);
    expect(left(gpu(board, repeat('1-2Q', 13)), '1-24Q')).toBe(2);
    expect(rule(gpu(board, []), '1-2Q')).toContain('12 of one framebuffer size share an instance');
  });

  it('takes the instances that are given, and no others', () => {
    const instances = { instances: '3g.20gb,2g.10gb,1g.5gb*2' };
    const names = ['3-20C', '2-10C', '1-5C', '4-20C', '1-10C'];
    expect(names.map((name) => left(gpu('A100', [], instances), name))).toEqual([1, 1, 2, 0, 0]);
    const used = gpu('A100', ['1-5C', '3-20C'], instances);
    expect(names.map((name) => left(used, name))).toEqual([0, 1, 1, 0, 0]);
    expect(rule(used, '4-20C')).toBe(
      'nvidia-4-20C needs a GPU instance of 4 compute slices and 20 GB; this GPU has 0, and 0 of them without a vGPU.',
    );
  });

  it('says what is left in slices', () => {
    expect(rule(gpu('A100', ['4-20C', '2-10C']), '2-10C')).toBe(
      'In MIG mode nvidia-2-10C takes 2 of 7 compute slices and 2 of 8 memory slices; 1 and 2 are left.',
    );
  });

  it('has no time-sliced types, and a GPU in the other mode none backed by an instance', () => {
    const types = [
      ...typesOf('A100'),
      {
        id: 'nvidia-471',
        name: 'GRID A100-10C',
        deviceApi: 'vfio-pci',
        description: 'framebuffer=10240M, max_instance=4',
      },
    ];
    const on = cardOf(types, [], { mig: 'on' });
    const off = cardOf(types);
    const id = 'nvidia-471';
    expect(nvidia.explain(on, 'parent', typeOf(on, id))).toMatchObject({
      available: 0,
      rule: `The GPU is in MIG mode, which has no time-sliced vGPUs such as ${id}.`,
    });
    expect(nvidia.available(off, 'parent', typeOf(off, id))).toBe(4);
    expect(nvidia.explain(off, 'parent', typeOf(off, 'nvidia-1-5C'))).toMatchObject({
      available: 0,
      rule: expect.stringContaining('the GPU is not in MIG mode'),
    });
  });

  it('guesses nothing of a board with another number of slices', () => {
    const types = typesOf('A100').map((type) => ({
      ...type,
      name: type.name?.replace(/-\d+-/, '-5-'),
    }));
    const card = cardOf(types, [], { mig: 'on' });
    expect(types.map((type) => nvidia.available(card, 'parent', type))).toEqual(types.map(() => 0));
    expect(rule(card, '1-5C')).toContain('is not known');
  });
});

it('the profile nvidia-a100-mig has the limits of the tables', () => {
  const [card] = parseProfile(readSampleProfile('nvidia-a100-mig')).cards;
  const empty = { ...card, parents: ['parent'], devices: [], settings: { mig: 'on' } };
  const types = card?.types ?? [];
  expect(
    Object.fromEntries(
      types.map((type) => [type.name, nvidia.available({ ...empty, types }, 'parent', type)]),
    ),
  ).toEqual({
    'GRID A100-4C': 0,
    'GRID A100-5C': 0,
    'GRID A100-8C': 0,
    'GRID A100-10C': 0,
    'GRID A100-20C': 0,
    'GRID A100-40C': 0,
    'GRID A100-1-5C': 7,
    'GRID A100-2-10C': 3,
    'GRID A100-3-20C': 2,
    'GRID A100-4-20C': 1,
    'GRID A100-7-40C': 1,
    'GRID A100-1-5CME': 1,
  });
});
