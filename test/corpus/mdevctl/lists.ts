import { BROKEN, listed, P, P2, type Row, rows, U } from './case.ts';
import { active, defined, offer, script, type Step } from './host.ts';

const [L0, L1, L2, L3, BAD] = [
  U,
  '59e8b599-afdd-4766-a59e-415ef4f5a492',
  '4a0a190f-dcf3-4def-9342-c48768f0c940',
  '9f579710-6ffc-4201-987a-4ffa0fb1f3a5',
  'bad1bad2-bad3-bad4-bad5-bad6bad7bad8',
] as const;
const two: readonly Step[] = [
  active(L0, P2, 'arbitrary_type1'),
  active(L1, P, 'arbitrary_type2'),
  defined(L2, P2, 'list/device2.json'),
  defined(L3, P, 'list/device1.json'),
  defined(L3, P2, 'list/device1.json'),
];
export const list = rows('test_list_helper', listed('list'), [
  ['active-none', [], 'list'],
  ['defined-none', [], 'list -d'],
  ['active', two, 'list'],
  ['active-verbose', two, 'list -v'],
  ['active-parent', two, `list -p ${P2}`],
  ['active-parent-verbose', two, `list -v -p ${P2}`],
  ['active-uuid', two, `list -u ${L0}`],
  ['active-uuid-verbose', two, `list -vu ${L0}`],
  ['active-uuid-parent', two, `list -u ${L0} -p ${P2}`],
  ['active-uuid-parent-verbose', two, `list -v -u ${L0} -p ${P2}`],
  ['defined', two, 'list -d'],
  ['defined-verbose', two, 'list -dv'],
  ['defined-parent', two, `list -d -p ${P2}`],
  ['defined-parent-verbose', two, `list -dv -p ${P2}`],
  ['defined-uuid', two, `list -d -u ${L3}`],
  ['defined-uuid-verbose', two, `list -dvu ${L3}`],
  ['defined-uuid-parent', two, `list -d -u ${L3} -p ${P2}`],
  ['defined-uuid-parent-verbose', two, `list -dv -u ${L3} -p ${P2}`],
  ['no-match-uuid', two, 'list -dv -u 466983a3-1240-4543-8d02-01c29a08fb0c'],
  ['no-match-parent', two, 'list -dv -p nonexistent'],
  ['active-callout', [...two, script('good-json.sh')], 'list'],
  ['active-callout-bad-json', [...two, script('bad-json.sh')], 'list'],
  ...BROKEN.flatMap(([name, without]): readonly Row[] => [
    [`active-verbose-${name}`, [...two, active(BAD, P2, 'arbitrary_type2', without)], 'list -v'],
    [
      `active-parent-verbose-${name}`,
      [active(BAD, P2, 'arbitrary_type2', without), ...two],
      `list -v -p ${P2}`,
    ],
    [
      `active-uuid-verbose-${name}`,
      [active(BAD, P, 'arbitrary_type2', without), ...two],
      `list -v -u ${BAD}`,
    ],
    [
      `active-uuid-parent-verbose-${name}`,
      [active(BAD, P, 'arbitrary_type2', without), ...two],
      `list -v -u ${BAD} -p ${P}`,
    ],
  ]),
]);

const offers: readonly Step[] = [
  offer(P2, 'mdev_type1', {
    instances: 5,
    device_api: 'vfio-pci',
    name: 'name1',
    description: 'description 1',
  }),
  offer(P2, 'mdev_type2', { instances: 16, device_api: 'vfio-pci', name: 'name2' }),
  offer(P2, 'mdev_type3', { device_api: 'vfio-pci', name: 'name3', description: 'description 3' }),
  offer(P, 'nvidia-155', { instances: 4, device_api: 'vfio-pci', name: 'GRID M10-2B' }),
  offer(P, 'nvidia-36', { instances: 16, device_api: 'vfio-pci', name: 'GRID M10-0Q' }),
  offer('0.0.26ab', 'vfio_ccw-io', {
    instances: 4,
    device_api: 'vfio_mdev',
    name: 'name',
    description: 'description',
  }),
];
export const types = rows('test_types_helper', listed('types'), [
  ['empty', [], 'types'],
  ['full', offers, 'types'],
  ['parent-match-1', offers, `types -p ${P2}`],
  ['parent-match-2', offers, `types -p ${P}`],
  ['parent-match-3', offers, 'types -p 0.0.26ab'],
  ['parent-no-match', offers, 'types -p missing'],
]);
