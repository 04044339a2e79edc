import {
  BROKEN,
  answers,
  AP,
  bad,
  good,
  GVT,
  none,
  objects,
  P,
  P2,
  type Row,
  rows,
  U,
  V,
  written,
} from './case.ts';
import { active, defined, offer, script } from './host.ts';

/** `define` of this program wants the type to be there, which these tests leave out. */
const gvt = offer(P, GVT);
const NO_TYPE = 'the type is not there, so it could not be started';
const forced = [
  ['', ''],
  ['force-', ' --force'],
] as const;
export const define = rows('test_define_helper', written('define'), [
  ['no-uuid-no-type', [gvt], `define --auto -p ${P}`, 'refused'],
  ['no-uuid', [gvt], `define --auto -p ${P} -t ${GVT}`],
  ['uuid-auto', [gvt], `define -u ${U} --auto -p ${P} -t ${GVT}`],
  ['uuid-manual', [gvt], `define -u ${U} -p ${P} -t ${GVT}`],
  [
    'jsonfile-type',
    [gvt],
    `define -u ${U} -p ${P} -t ${GVT} --jsonfile DATA/define/defined.json`,
    'refused',
  ],
  [
    'jsonfile',
    [offer(P, 'vfio_ap-passthrough')],
    `define -u ${U} -p ${P} --jsonfile DATA/define/defined.json`,
  ],
  ['uuid-running-no-parent', [active(U, P, GVT)], `define -u ${U} -t ${GVT}`, 'refused'],
  ['uuid-running-no-type', [active(U, P, GVT)], `define -u ${U} -p ${P}`],
  ['uuid-running-diff-parent', [gvt, active(U, P2, GVT)], `define -u ${U} -p ${P} -t ${GVT}`],
  [
    'uuid-running-diff-type',
    [gvt, active(U, P, 'different_type')],
    `define -u ${U} -p ${P} -t ${GVT}`,
    'ok',
    'the next start would make another device',
  ],
  ...BROKEN.flatMap(([name, without]): readonly Row[] =>
    forced.map(([prefix, words]) => [
      `uuid-running-${prefix}${name.replace('mdev-type', 'mdev_type')}`,
      [active(U, P, GVT, without)],
      `define -u ${U} -p ${P} -t ${GVT}${words}`,
      'ok',
      without === 'type' ? NO_TYPE : undefined,
    ]),
  ),
  [
    'uuid-running-broken-active-mdev_type-no-mdev_type',
    [active(U, P, GVT, 'type link')],
    `define -u ${U} -p ${P}`,
    'No type specified',
  ],
  [
    'uuid-running-removed-active-mdev_type-no-mdev_type',
    [active(U, P, GVT, 'type')],
    `define -u ${U} -p ${P}`,
    'No type specified',
  ],
  [
    'uuid-already-defined',
    [gvt, defined(U, P, 'define/defined.json')],
    `define -u ${U} -p ${P} -t ${GVT}`,
    'refused',
  ],
]);

export const defineWithScripts = rows(
  'test_define_command_callout',
  none,
  (
    [
      ['define-with-callout-all-pass', U, [good], ''],
      ['define-with-callout-all-fail', U, [bad], '', 'refused'],
      ['define-with-callout-all-good-json', U, [active(U, P, GVT), script('good-json.sh')], ''],
      [
        'define-with-callout-all-bad-json',
        U,
        [active(U, P, GVT), script('bad-json.sh')],
        '',
        'refused',
      ],
      ['define-with-callout-all-fail-force', U, [bad], ' --force'],
      ['define-with-version-callout-all-pass', V, [answers], ''],
      ['define-with-version-callout-all-fail', V, [objects], '', 'refused'],
      ['define-with-version-callout-multiple-with-version-pass', V, [good, answers], ''],
      ['define-with-version-callout-multiple-with-version-pass2', V, [bad, answers], ''],
      ['define-with-version-callout-multiple-with-version-fail', V, [good, objects], '', 'refused'],
    ] as const
  ).map(([name, uuid, scripts, words, outcome = 'ok']) => [
    name,
    [gvt, ...scripts],
    `define -u ${uuid} -p ${P} -t ${GVT}${words}`,
    outcome,
  ]),
);

export const undefine = rows(
  'test_undefine_helper',
  none,
  (
    [
      ['single', U, [P], `-p ${P}`, []],
      ['multiple-parent', U, [P, P2], `-p ${P}`, []],
      ['multiple-noparent', U, [P, P2], '', []],
      ['nonexistent', U, [], `-p ${P}`, [], 'refused'],
      ['single-callout-all-pass', U, [P], `-p ${P}`, [good]],
      ['single-callout-pre-fail', U, [P], `-p ${P}`, [bad], 'refused'],
      ['single-callout-pre-fail-force', U, [P], `-p ${P} --force`, [bad]],
      ['undefine-single-with-version-callout-all-pass', V, [P], `-p ${P}`, [answers]],
      ['undefine-single-with-version-callout-all-fail', V, [P], `-p ${P}`, [objects], 'refused'],
      [
        'define-with-version-callout-multiple-with-version-pass',
        V,
        [P],
        `-p ${P}`,
        [good, answers],
      ],
      [
        'define-with-version-callout-multiple-with-version-pass2',
        V,
        [P],
        `-p ${P}`,
        [bad, answers],
      ],
      [
        'define-with-version-callout-multiple-with-version-fail',
        V,
        [P],
        `-p ${P}`,
        [good, objects],
        'refused',
      ],
    ] as const
  ).map(([name, uuid, parents, words, scripts, outcome = 'ok']) => [
    name,
    [...parents.map((parent) => defined(uuid, parent, 'undefine/defined.json')), ...scripts],
    `undefine -u ${uuid} ${words}`.trim(),
    outcome,
  ]),
);

export const loadJson = rows(
  'test_load_json_helper',
  (name, outcome) =>
    outcome === 'ok' ? [{ file: `load-json/${name}.out`, of: 'definition' }] : [],
  (
    [
      ['c07ab7b2-8aa2-427a-91c6-ffc949bb77f9', '0000:00:02.0', 'i915-GVTg_V5_8'],
      ['783e6dbb-ea0e-411f-94e2-717eaad438bf', '0001:00:03.1', AP],
      ['5269fe7a-18d1-48ad-88e1-3fda4176f536', P, 'i915-GVTg_V5_8'],
      // There are no such files.
      ['b6f7e33f-ea28-4f9d-8c42-797ff0ec2888', P, GVT, 'refused'],
      ['fe7a39db-973b-47b4-9b77-1d7b97267d59', P, GVT, 'refused'],
      ['37ccb149-a0ce-49e3-8391-a952ef07bdc2', P, GVT, 'refused'],
    ] as const
  ).map(([uuid, parent, type, outcome = 'ok']) => [
    uuid,
    [offer(parent, type)],
    `define -u ${uuid} -p ${parent} --jsonfile DATA/load-json/${uuid}.in`,
    outcome,
  ]),
);
