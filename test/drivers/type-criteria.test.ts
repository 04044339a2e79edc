import { describe, expect, it } from 'vitest';
import { typeAttributes } from '../../src/drivers/registry.ts';
import {
  criteriaOfAttributes,
  formatCriteria,
  meets,
  parseCriteria,
} from '../../src/drivers/type-criteria.ts';
import { typeDifferences } from '../../src/drivers/type-differences.ts';
import { type DescribedType, typeFacts } from '../../src/drivers/type-facts.ts';
import { matchingTypes } from '../../src/drivers/matching-types.ts';
import { sortTypes } from '../../src/drivers/type-order.ts';
import { NodedevError } from '../../src/errors.ts';
import { parseProfile } from '../../src/host/simulated/parse-profile.ts';
import { readSampleProfile, sampleProfiles } from '../../src/host/simulated/samples.ts';

function typesOf(profile: string): readonly DescribedType[] {
  return parseProfile(readSampleProfile(profile)).cards.flatMap(({ types }) =>
    types.map((type) => ({ ...type, attributes: typeAttributes(type), availableInstances: 3 })),
  );
}

const m60 = typesOf('nvidia-m60').slice(0, 14);
const ids = (types: readonly DescribedType[]): readonly string[] => types.map(({ id }) => id);

describe('facts', () => {
  it.each([
    [
      'nvidia-m60',
      'nvidia-18',
      {
        framebuffer: 2 * 1024 ** 3,
        heads: 4,
        width: 5120,
        height: 2880,
        frameLimit: 60,
        maxInstances: 4,
        series: 'Q',
        board: 'M60',
      },
    ],
    [
      'intel-gvtg',
      'i915-GVTg_V5_4',
      {
        lowGraphicsMemory: 128 * 1024 ** 2,
        highGraphicsMemory: 512 * 1024 ** 2,
        fence: 4,
        weight: 4,
        width: 1920,
        height: 1200,
      },
    ],
    ['kernel-samples', 'mdpy-hd', { width: 1920, height: 1080 }],
    ['kernel-samples', 'mbochs-medium', { videoMemory: 16 * 1024 ** 2 }],
    ['kernel-samples', 'mtty-2', {}],
  ])('%s %s', (profile, id, facts) => {
    const type = typesOf(profile).find((candidate) => candidate.id === id);
    const known = Object.entries(typeFacts(type ?? { id: '', attributes: [] }));
    expect(Object.fromEntries(known.filter(([, value]) => value !== undefined))).toEqual(facts);
  });
});

describe('criteria', () => {
  it.each([
    ['framebuffer>=8G', ['nvidia-21', 'nvidia-22']],
    ['framebuffer>4096MiB', ['nvidia-21', 'nvidia-22']],
    ['fb = 0.5g', ['nvidia-11', 'nvidia-12']],
    ['heads=4,series=q,framebuffer<=2G', ['nvidia-15', 'nvidia-18']],
    ['num_heads=2,frl_config<60', ['nvidia-11']],
    ['resolution>=5120x2880,max-instances=1', ['nvidia-22']],
    ['resolution=2560x1600', ['nvidia-11', 'nvidia-12']],
    ['name=M60-2Q', ['nvidia-18']],
    ['name=grid_m60-2q', ['nvidia-18']],
    ['board=M60,series!=Q,framebuffer=4G', ['nvidia-19']],
    ['id=nvidia-19', ['nvidia-19']],
    ['id=19', ['nvidia-19']],
    ['id=0x13', ['nvidia-19']],
    ['id=0x0013', ['nvidia-19']],
    [' nvidia-19 ', ['nvidia-19']],
    [' M60-4A\t', ['nvidia-19']],
    ['free>=4', []],
    ['weight>=1', []],
  ])('%s', (text, fitting) => {
    expect(ids(matchingTypes(m60, text))).toEqual(fitting);
  });

  it.each([
    ['framebufer>=2G', "types have no 'framebufer'", "did you mean 'framebuffer'?"],
    ['colour=red', "types have no 'colour'", 'they have framebuffer, heads,'],
    ['framebuffer>=2', "'2' is no amount of framebuffer", 'framebuffer>=2G'],
    ['framebuffer>=2GB', "'2GB' is no amount of framebuffer", 'framebuffer>=2G'],
    ['heads=four', "'four' is no value of heads", 'write a whole number'],
    ['series>Q', "series cannot be compared with '>'", 'use = or !='],
    ['resolution=big', "'big' is no resolution", 'WIDTHxHEIGHT'],
    ['resolution>640x480', "'resolution>640x480': resolutions have no such order", '>= or <='],
    ['heads=', "'heads=' is no criterion", 'FIELD=VALUE'],
    ['heads==4', "'=4' is no value of heads", 'write a whole number'],
    ['heads=4,', "'' is no criterion", 'FIELD=VALUE'],
    ['__proto__=1', "'__proto__=1' is no criterion", 'FIELD=VALUE'],
    ['constructor=1', "types have no 'constructor'", 'they have'],
  ])('refuses %s', (text, message, hint) => {
    const error = thrownBy(() => parseCriteria(text));
    expect(error).toMatchObject({ code: 'criterion-invalid', message });
    expect(error?.hint).toContain(hint);
  });

  it('of XML, memory in KiB', () => {
    const criteria = criteriaOfAttributes([
      { name: 'framebuffer', min: 2097152, max: 4194304 },
      { name: 'num_heads', value: '4' },
      { name: 'series', value: 'Q' },
    ]);
    expect(formatCriteria(criteria)).toBe('framebuffer>=2G,framebuffer<=4G,heads=4,series=q');
    expect(ids(m60.filter((type) => meets(type, criteria)))).toEqual(['nvidia-18', 'nvidia-20']);
  });

  it.each([
    [{ name: 'series', min: 2 }, "attribute 'series' of <type> is no number"],
    [{ name: 'framebuffer', value: '2G' }, "'2G' is no value of attribute 'framebuffer'"],
    [{ name: 'num_haeds', value: '2' }, "types have no 'num_haeds'"],
  ])('of XML: refuses %j', (attribute, message) => {
    expect(() => criteriaOfAttributes([attribute])).toThrow(message);
  });
});

describe('a type as people write it', () => {
  it.each([
    'nvidia-18',
    '18',
    'GRID M60-2Q',
    'M60-2Q',
    'GRID_M60-2Q',
    'm60-2q',
    'grid_m60-2q',
    'NVIDIA-18',
  ])('%s', (written) => {
    expect(ids(matchingTypes(m60, written))).toEqual(['nvidia-18']);
  });

  it('is the one in the same case when two differ in case only', () => {
    const types = [
      { id: 'x-a', attributes: [] },
      { id: 'x-A', attributes: [] },
    ];
    expect(ids(matchingTypes(types, 'A'))).toEqual(['x-A']);
    expect(ids(matchingTypes(types, 'X-A'))).toEqual(['x-a', 'x-A']);
  });

  it('is found by every spelling of every sample type', () => {
    for (const profile of sampleProfiles()) {
      const types = typesOf(profile);
      for (const type of types) {
        for (const written of [type.id, type.name ?? type.id]) {
          expect(ids(matchingTypes(types, written))).toContain(type.id);
        }
      }
    }
  });

  it('is distinguished from similar types by its differences', () => {
    expect(typeDifferences(matchingTypes(m60, 'framebuffer=2G,heads=4'))).toEqual([
      'frame-limit 45, series B',
      'frame-limit 60, series Q',
      'frame-limit 45, series B',
    ]);
  });
});

describe('order', () => {
  it('numbers largest first, words in their order, types without it last', () => {
    const types = [...m60.slice(0, 3), { id: 'x', attributes: [] }];
    expect(ids(sortTypes(types, 'framebuffer')).slice(0, 2)).toEqual(['nvidia-13', 'nvidia-11']);
    expect(ids(sortTypes(types, 'series'))).toEqual(['nvidia-13', 'nvidia-11', 'nvidia-12', 'x']);
    expect(ids(sortTypes(m60, 'id')).slice(-2)).toEqual(['nvidia-210', 'nvidia-238']);
  });

  it('by an unknown field is refused', () => {
    expect(() => sortTypes(m60, 'size')).toThrow("types have no 'size'");
  });
});

function thrownBy(action: () => unknown): NodedevError | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  return undefined;
}
