import { describe, expect, it } from 'vitest';
import { readDesired } from '../../src/plan/desired.ts';
import { desiredUuids } from '../../src/plan/desired-uuids.ts';
import { HostIndex } from '../../src/plan/host-index.ts';
import { listCards } from '../../src/engine/devices/cards.ts';
import { sampleHost, uuidOf } from './hosts.ts';
import { type Wish, wishXml } from './planned-host.ts';

const cards = listCards(sampleHost('nvidia-m60')).items;
const GPU = '0000:86:00.0';

/** The uuids of these wishes, on the machine of this id, in the order of the wishes. */
function uuids(wishes: readonly Wish[], machineId?: string): readonly string[] {
  const state = {
    machineId,
    cards,
    devices: [],
    off: [],
    setups: [],
    absent: [],
    hasHook: false,
    owners: [],
    domains: [],
    problems: [],
  };
  const { groups } = readDesired(wishes.map(wishXml));
  const found = desiredUuids(groups, new HostIndex(state));
  return groups.flatMap(({ devices }) => devices.map((device) => found.get(device) ?? ''));
}

const small: Wish = { parent: GPU, type: 'nvidia-11', group: 'g' };
const large: Wish = { parent: GPU, type: 'nvidia-12', group: 'g' };

describe('derived uuids', () => {
  it('are always these', () => {
    expect(uuids([small, small, { ...small, name: 'screen' }])).toMatchInlineSnapshot(`
      [
        "1a9d3fcf-afbe-5af1-a5e9-ab9ccde3807b",
        "651e36da-5e76-5260-9240-dd92c3d4867f",
        "27fc7d9e-2a87-51fb-ace8-6228a3fe69c5",
      ]
    `);
  });

  it('are of version 5 and all different', () => {
    const found = uuids([small, small, large, { ...small, group: 'h' }, { ...small, name: 'a' }]);
    expect(new Set(found).size).toBe(5);
    for (const uuid of found) expect(uuid[14]).toBe('5');
  });

  it('are the same in another order', () => {
    const [a, b] = uuids([small, large]);
    expect(uuids([large, small])).toEqual([b, a]);
  });

  it('are the same beside other devices', () => {
    const [a] = uuids([small]);
    expect(uuids([large, { ...small, group: undefined }, small])).toContain(a);
  });

  it.each<readonly [string, Partial<Wish>]>([
    ['the parent by its name', { parent: 'pci_0000_86_00_0' }],
    ['the type by its name', { type: 'GRID M60-0B' }],
    ['the type by its short form', { type: '11' }],
    ['other params', { params: 'frame_rate_limiter=0' }],
  ])('are the same for %s', (_, change) => {
    expect(uuids([{ ...small, ...change }])).toEqual(uuids([small]));
  });

  it('go by the name where there is one: what has another type is the same device', () => {
    expect(uuids([{ ...large, name: 'a' }])).toEqual(uuids([{ ...small, name: 'a' }]));
  });

  it.each<readonly [string, Partial<Wish>]>([
    ['another parent', { parent: '0000:87:00.0' }],
    ['no parent', { parent: undefined }],
    ['another type', { type: 'nvidia-12' }],
    ['another group', { group: 'h' }],
  ])('are others for %s', (_, change) => {
    expect(uuids([{ ...small, ...change }])).not.toEqual(uuids([small]));
  });

  it('are others on another machine', () => {
    const machines = [undefined, 'a'.repeat(32), 'b'.repeat(32)];
    expect(new Set(machines.map((id) => uuids([small], id)[0])).size).toBe(3);
  });
});

it('a given uuid stays', () => {
  expect(uuids([{ ...small, uuid: uuidOf(7) }])).toEqual([uuidOf(7)]);
});
