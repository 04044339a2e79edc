import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../../src/drivers/host-facts.ts';
import type { Taker } from '../../../src/drivers/resources.ts';
import { settingProblem } from '../../../src/drivers/settings.ts';
import { vfioAp } from '../../../src/drivers/vfio-ap/driver.ts';
import { attributesOf, cardOf, guestIds, left, repeat, uuid } from '../cards.ts';
import { overfull } from '../histories.ts';
import { byId, offered } from '../sample-cards.ts';
import { apTypes } from './types.ts';

it('takes 65536 devices', () => {
  expect(left(vfioAp, cardOf(apTypes, repeat('vfio_ap-passthrough', 3)))).toEqual([65533]);
  expect(overfull(vfioAp, cardOf(apTypes), (devices) => devices.length <= 65536)).toBeNull();
});

it('has devices with files: those that assign are write-only, those that show are read-only', () => {
  const [type] = apTypes;
  const files = type && vfioAp.deviceAttributes(uuid(1), type);
  expect(files?.filter(({ name }) => /^(un)?assign_/.test(name)).map(({ mode }) => mode)).toEqual(
    Array.from({ length: 6 }, () => 0o200),
  );
  expect(files?.filter(({ mode }) => mode === 0o444).map(({ name }) => name)).toEqual([
    'control_domains',
    'guest_matrix',
    'matrix',
  ]);
});

it('has no items and no PCI device', () => {
  const [type] = apTypes;
  expect(attributesOf(vfioAp, type)).toEqual([]);
  expect(guestIds(vfioAp, type)).toEqual([]);
});

it('has the types of a real one in its profile', () => {
  expect(offered('s390-ccw-ap', vfioAp)).toEqual(apTypes.toSorted(byId));
});

describe('what it takes by its attributes', () => {
  const host = (files: Readonly<Record<string, string>>): HostFacts => ({
    exists: () => false,
    read: (path) => files[path.replace('/sys/bus/ap/', '')],
    names: () => [],
    link: () => undefined,
  });
  const ones = (digits: string): string => `0x${digits.padEnd(64, '0')}`;

  it.each<[Record<string, string>, Record<string, string>]>([
    [{}, {}],
    // The example of Documentation/arch/s390/vfio-ap.rst.
    [
      { apmask: ones('7d'), aqmask: ones('8') },
      { 'host-adapters': '1,2,3,4,5,7', 'host-domains': '0' },
    ],
    [{ apmask: '0x41' }, { 'host-adapters': '1,7' }],
    [{ ap_adapter_mask: ones('06') }, { adapters: '5,6' }],
    [{ ap_usage_domain_mask: `0x${'0'.repeat(63)}1` }, { domains: '255' }],
    [{ ap_adapter_mask: 'not supported', apmask: 'x', ap_max_domain_id: '-1' }, {}],
    [
      { ap_max_domain_id: '84', ap_max_adapter_id: '63\n' },
      { 'max-adapter': '63', 'max-domain': '84' },
    ],
  ])('a host with %j has the settings %j', (files, settings) => {
    expect(vfioAp.settingsOfHost?.(host(files))).toEqual(settings);
    for (const [name, value] of Object.entries(settings)) {
      expect(settingProblem(vfioAp, name, value)).toBeUndefined();
    }
  });

  const problems = (
    device: Partial<Taker>,
    settings: Readonly<Record<string, string>> = {},
    others: readonly Partial<Taker>[] = [],
  ): readonly string[] => {
    const card = { parents: ['matrix'], types: apTypes, devices: [], settings };
    const taker = (each: Partial<Taker>, index: number): Taker => {
      return { uuid: `${index}`, parent: 'matrix', writes: [], ...each };
    };
    const found = vfioAp.resourceProblems?.(card, taker(device, -1), others.map(taker)) ?? [];
    return found.map(({ kind, by = '', says, errno = '', write }) =>
      `${kind} ${by} ${says} ${errno} ${write?.name ?? ''}`.replaceAll(/ +/g, ' ').trim(),
    );
  };
  const writes = (...texts: readonly string[]): Taker['writes'] =>
    texts.map((text) => {
      const [name = '', value = ''] = text.split('=');
      return { name, value };
    });

  it('names all queues of a combination, some of many', () => {
    const all = writes(
      'assign_adapter=5',
      'assign_adapter=6',
      'assign_domain=1',
      'assign_domain=2',
    );
    expect(problems({ writes: all }, {}, [{ writes: all.toReversed() }])).toEqual([
      'taken 0 queues 05.0001, 05.0002, 06.0001, 06.0002 EADDRINUSE assign_domain',
    ]);
    const kept = problems({ writes: all }, { 'host-adapters': '0-255', 'host-domains': '0-255' });
    expect(kept).toEqual([
      "kept queues 05.0001, 05.0002, 06.0001, 06.0002 are the host's own, by apmask and aqmask EADDRNOTAVAIL assign_domain",
    ]);
    const many = Array.from({ length: 256 }, (_, number) => `assign_domain=${number}`);
    const [big] = problems({ writes: writes('assign_adapter=0', ...many) }, {}, [
      { writes: writes(...many, 'assign_adapter=0') },
    ]);
    expect(big).toBe(
      'taken 0 queues 00.0000, 00.0001, 00.0002, 00.0003 and 252 more EADDRINUSE assign_domain',
    );
  });

  it('counts a queue that is taken only for a moment, since the kernel refuses it', () => {
    const moment = writes('assign_adapter=5', 'assign_domain=1', 'unassign_adapter=5');
    const others = [{ files: { matrix: '05.0001\n' } }];
    expect(problems({ writes: moment }, {}, others)).toEqual([
      'taken 0 queue 05.0001 EADDRINUSE assign_domain',
    ]);
    expect(
      problems({ files: { matrix: '06.0001' }, writes: writes('assign_adapter=7') }, {}, others),
    ).toEqual([]);
    expect(
      problems({ files: { matrix: '.0001' }, writes: writes('assign_adapter=5') }, {}, others),
    ).toHaveLength(1);
  });

  it('reads ap_config, which replaces all', () => {
    const config = `ap_config=${ones('04')},${ones('4')},${ones('')}`;
    const others = [{ writes: writes('assign_adapter=9', config) }];
    expect(problems({ writes: writes('assign_domain=1', 'assign_adapter=5') }, {}, others)).toEqual(
      ['taken 0 queue 05.0001 EADDRINUSE assign_adapter'],
    );
    expect(problems({ writes: writes('assign_domain=1', 'assign_adapter=9') }, {}, others)).toEqual(
      [],
    );
    expect(problems({ writes: writes('ap_config=5') })).toEqual([
      "refused ap_config '5' is no number EINVAL ap_config",
    ]);
  });

  it('names what the host does not have, and never what is right', () => {
    const some = { adapters: '5', domains: '1' };
    expect(problems({ writes: writes('assign_adapter=5', 'assign_domain=1') }, some)).toEqual([]);
    expect(
      problems(
        { writes: writes('assign_adapter=6', 'assign_domain=1', 'assign_domain=300') },
        some,
      ),
    ).toEqual([
      "refused assign_domain '300' is above the highest domain of this machine, 255 ENODEV assign_domain",
      'absent this host does not have adapter 06: a guest gets none of its queues',
    ]);
    expect(problems({ writes: writes('assign_control_domain=9', 'other=5') }, some)).toEqual([]);
  });
});
