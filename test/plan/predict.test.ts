import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { sampleProfiles } from '../../src/host/simulated/samples.ts';
import { type Creation, parseCreation } from '../../src/plan/creation.ts';
import { type Prediction, predict } from '../../src/plan/predict.ts';
import {
  cardsOf,
  observed,
  openings,
  sampleHost,
  uuidOf,
  withoutSettings,
  withSetting,
} from './hosts.ts';

/** Creates and removes devices as the numbers say: what a host went through before anyone asks. */
function live(host: SimulatedHost, choices: readonly number[]): void {
  for (const [index, choice] of choices.entries()) {
    const devices = host.devices().items;
    const device = devices[choice % Math.max(1, devices.length)];
    if (choice % 4 === 0 && device !== undefined) host.remove(device);
    else create(host, choice, index);
  }
}

/** Creates one device where there is room, if there is. */
function create(host: SimulatedHost, choice: number, index: number): Creation | undefined {
  const open = openings(host);
  const opening = open[choice % Math.max(1, open.length)];
  if (opening === undefined) return undefined;
  const [parent, type] = opening;
  host.create(parent, type, uuidOf(index));
  return { type, parent: parent.address };
}

function createAll(host: SimulatedHost, choices: readonly number[]): readonly Creation[] {
  return choices.flatMap((choice, index) => create(host, choice, 1000 + index) ?? []);
}

const lines = (predictions: readonly Prediction[]): readonly string[] =>
  predictions.map(({ parent, type, available }) => `${parent} ${type} ${available}`);

const choices = fc.array(fc.nat(1_000_000), { maxLength: 8 });

describe('what is predicted is observed', () => {
  it.each(sampleProfiles().filter((profile) => profile !== 'generic'))('%s', (profile) => {
    fc.assert(
      fc.property(choices, choices, (past, future) => {
        const host = sampleHost(profile);
        live(host, past);
        const cards = cardsOf(host);
        const creations = createAll(host, future);
        expect(lines(predict(cards, creations))).toEqual(observed(host));
      }),
      { numRuns: profile === 'nvidia-a40' ? 4 : 30 },
    );
  });

  it.each([
    ['intel-gvtg', 'aperture', '1024'],
    ['intel-gvtg', 'aperture', '256'],
    ['kernel-samples', 'count', '8'],
    ['generic', 'counter', 'shared'],
    ['generic', 'counter', 'type'],
  ])('%s whose %s is %s, which cannot be read: at most', (profile, setting, value) => {
    fc.assert(
      fc.property(choices, choices, (past, future) => {
        const host = sampleHost(profile, (text) => withSetting(text, setting, value));
        live(host, past);
        const cards = withoutSettings(cardsOf(host));
        const creations = createAll(host, future);
        const seen = observed(host);
        for (const [index, told] of predict(cards, creations).entries()) {
          const count = Number(seen[index]?.split(' ').at(-1));
          expect(told.available).toBeGreaterThanOrEqual(count);
          expect(told.confidence === 'upper-bound' || told.available === count).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });
});

it.each(['type', 'none'])('a mode that cannot be read is found by what it did: %s', (mode) => {
  const host = sampleHost('nvidia-m60', (text) => withSetting(text, 'homogeneous', mode));
  const gpu = host.parent('0000:86:00.0');
  if (gpu !== undefined) host.create(gpu, 'nvidia-18', uuidOf(1));
  const cards = withoutSettings(cardsOf(host));
  if (gpu !== undefined) host.create(gpu, 'nvidia-18', uuidOf(2));
  expect(lines(predict(cards, [parseCreation('nvidia-18@0000:86:00.0')]))).toEqual(observed(host));
});

describe('predict', () => {
  const cards = cardsOf(sampleHost('nvidia-m60'));
  const gpu = 'pci_0000_86_00_0';

  it('says what becomes of every type', () => {
    const told = predict(cards, [parseCreation(`M60-2Q*2@${gpu}`)]);
    const there = told.filter(({ parent }) => parent === gpu);
    expect(there.find(({ type }) => type === 'nvidia-17')).toEqual({
      parent: gpu,
      type: 'nvidia-17',
      name: 'GRID M60-2B',
      before: 4,
      available: 2,
      confidence: 'exact',
    });
    expect(there.filter(({ available }) => available > 0).map(({ type }) => type)).toEqual([
      'nvidia-16',
      'nvidia-17',
      'nvidia-18',
      'nvidia-210',
    ]);
  });

  it.each([
    [`nvidia-18*5@${gpu}`, 'no-instances', 'No available instances of nvidia-18'],
    ['nvidia-18', 'parent-missing', "'nvidia-18' is offered by 2 parents"],
    ['nvidia-99', 'type-unknown', "no parent offers mdev type 'nvidia-99'"],
    [`nvidia-99@${gpu}`, 'type-unknown', `parent '${gpu}' does not support`],
    ['nvidia-18@pci_0', 'parent-unknown', "invalid parent device 'pci_0'"],
    [`framebuffer=2G@${gpu}`, 'type-ambiguous', 'is not unique: 4 types fit'],
    ['nvidia-18*0', 'request-invalid', "'nvidia-18*0' is no request"],
    ['', 'request-invalid', "'' is no request"],
    ['a@b@c', 'request-invalid', "'a@b@c' is no request"],
  ])('refuses %s', (text, code, message) => {
    const asked = (): unknown => predict(cards, [parseCreation(text)]);
    expect(asked).toThrow(expect.objectContaining({ code }));
    expect(asked).toThrow(message);
  });

  it('needs no parent where one alone offers the type', () => {
    const told = predict(cardsOf(sampleHost('kernel-samples')), [parseCreation('mtty-2*3')]);
    expect(told.find(({ type }) => type === 'mtty-1')).toMatchObject({ before: 24, available: 18 });
  });

  it('says no more than it can know where the rules are unknown', () => {
    const type = { id: 'idxd-1swq', deviceApi: 'vfio-pci', availableInstances: 3 };
    const info = {
      card: { parents: ['x'], types: [type], devices: [], settings: {} },
      parents: [{ name: 'pci_x', address: 'x', types: [type] }],
    };
    expect(predict([info], [])).toMatchObject([{ available: 3, confidence: 'exact' }]);
    expect(predict([info], [{ type: '1swq', count: 2 }])).toMatchObject([
      { available: 1, confidence: 'upper-bound', reason: expect.stringContaining('not known') },
    ]);
    expect(() => predict([info], [{ type: '1swq', count: 4 }])).toThrow('No available instances');
  });
});
