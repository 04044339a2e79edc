import { answers, AP, bad, good, objects, P, P2, type Row, rows, U, V, written } from './case.ts';
import { active, defined, type Missing, offer, script, type Step } from './host.ts';

const LIVE = '11111111-1111-1111-0000-000000000000';
const modified = '--jsonfile DATA/modify/modified.json';
const isDefined = (uuid: string): Step => defined(uuid, P, 'modify/defined.json');
const notActive = `Mediated device ${P}/${LIVE} is not active`;
const onlyDefined: readonly Row[] = (
  [
    ['auto', U, '--auto', []],
    ['manual', U, '--manual', []],
    ['delattr', U, '--delattr --index 2', []],
    ['delattr-noindex', U, '--delattr', []],
    ['addattr', U, '--addattr added-attr --index 3 --value added-attr-value', []],
    ['addattr-noindex', U, '--addattr added-attr --value added-attr-value', []],
    ['multiple-parent', U, '--auto', [defined(U, P2, 'modify/defined.json')]],
    ['auto-manual', U, '--auto --manual', [], 'refused'],
    ['jsonfile', U, modified, []],
    ['callout-pass', U, '--auto', [good]],
    ['callout-fail', U, '--auto', [bad], 'refused'],
    ['callout-fail-force', U, '--auto --force', [bad]],
    ['modify-jsonfile-with-version-callout-all-pass', V, modified, [answers]],
    ['modify-jsonfile-with-version-callout-all-fail', V, modified, [objects], 'refused'],
    [
      'modify-jsonfile-with-version-callout-multiple-with-version-pass',
      V,
      modified,
      [good, answers],
    ],
    [
      'modify-jsonfile-with-version-callout-multiple-with-version-pass2',
      V,
      modified,
      [bad, answers],
    ],
    [
      'modify-jsonfile-with-version-callout-multiple-with-version-fail',
      V,
      modified,
      [good, objects],
      'refused',
    ],
  ] as const
).map(([name, uuid, words, steps, outcome = 'ok']) => [
  name,
  [isDefined(uuid), ...steps],
  `modify -u ${uuid} -p ${P} ${words}`,
  outcome,
]);
const live = (
  name: string,
  uuid: string,
  of: string,
  words: string,
  outcome = 'ok',
  without?: Missing,
): Row => [
  name,
  [isDefined(uuid), active(uuid, P, AP, without), script(of)],
  `modify -u ${uuid} -p ${P} ${words}`,
  outcome,
];
export const modify = rows('test_modify_helper', written('modify'), [
  ...onlyDefined,
  ['device-not-defined', [], `modify -u ${U}`, 'refused'],
  [
    'mdev_type',
    [isDefined(U), offer(P, 'changed-mdev-type')],
    `modify -u ${U} -p ${P} --manual -t changed-mdev-type`,
  ],
  [
    'multiple-noparent',
    [isDefined(U), defined(U, P2, 'modify/defined.json')],
    `modify -u ${U} --auto`,
    'refused',
  ],
  live('live-event-supported', LIVE, 'live-rc0.sh', `--live ${modified}`),
  live('live-event-unsupported-by-callout', V, 'live-rc0.sh', `--live ${modified}`, 'refused'),
  // On a command line it is one that says too little.
  live('live-unsupported-script-without-version-support', U, 'live-rc0.sh', '--live', 'refused'),
  live('live-supported-but-fails', LIVE, 'live-rc1.sh', `--live ${modified}`, 'refused'),
  live('live-fail-without-jsonfile', LIVE, 'live-rc0.sh', '--live', 'refused'),
  live(
    'live-event-supported-broken-active-mdev-type',
    LIVE,
    'live-rc0.sh',
    `--live ${modified}`,
    notActive,
    'type link',
  ),
  live(
    'live-event-supported-removed-active-mdev-type',
    LIVE,
    'live-rc0.sh',
    `--live ${modified}`,
    notActive,
    'type',
  ),
]);
export const modifyBoth = rows(
  'test_modify_defined_active_helper',
  (name, outcome) =>
    outcome === 'ok'
      ? [
          { file: `modify/${name}.active.expected`, of: 'active' },
          { file: `modify/${name}.defined.expected`, of: 'definition' },
        ]
      : [],
  [
    live('live-defined-supported', LIVE, 'modify-active.sh', `--live --defined ${modified}`),
    live(
      'live-defined-live-event-unsupported',
      V,
      'modify-active.sh',
      `--live --defined ${modified}`,
      'refused',
    ),
    live(
      'defined-only',
      U,
      'modify-active.sh',
      '--defined --addattr added-attr --value added-attr-value',
    ),
    live(
      'live-defined-supported-broken-active-parent',
      LIVE,
      'modify-active.sh',
      `--live -d ${modified}`,
      notActive,
      'device link',
    ),
    live(
      'live-defined-supported-removed-active-parent',
      LIVE,
      'modify-active.sh',
      `--live -d ${modified}`,
      notActive,
      'device',
    ),
  ],
);
