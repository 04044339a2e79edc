import { BROKEN, answers, bad, good, none, objects, P, P2, type Row, rows, U, V } from './case.ts';
import { active, defined, offer, type Step } from './host.ts';

const T = 'arbitrary_type';
const here: readonly Step[] = [offer(P, T), defined(U, P, 'start/defined.json')];
const there: readonly Step[] = [...here, offer(P2, T), defined(U, P2, 'start/defined.json')];
const startWithScripts = (name: string, scripts: readonly Step[], outcome = 'ok'): Row => [
  name,
  [offer(P, T), defined(V, P, 'start/defined.json'), ...scripts],
  `start -u ${V} -p ${P} -t ${T}`,
  outcome,
];
export const start = rows('test_start_helper', none, [
  ['uuid-type-parent', [offer(P, T)], `start -u ${U} -p ${P} -t ${T}`],
  ['no-uuid', [offer(P, T)], `start -p ${P} -t ${T}`],
  ['no-uuid-no-parent', [offer(P, T)], `start -t ${T}`, 'refused'],
  ['no-uuid-no-type', [offer(P, T)], `start -p ${P}`, 'refused'],
  ['no-parent', [], `start -u ${U} -t ${T}`, 'refused'],
  ['no-type', [], `start -u ${U} -p ${P}`, 'refused'],
  ['no-type-defined', here, `start -u ${U} -p ${P}`],
  ['no-type-parent-defined', here, `start -u ${U}`],
  ['defined-with-type', there, `start -u ${U} -p ${P} -t ${T}`],
  ['defined-multiple-underspecified', there, `start -u ${U}`, 'refused'],
  ['defined-multiple', there, `start -u ${U} -p ${P}`],
  ['defined-diff-type', here, `start -u ${U} -p ${P} -t wrong-type`, 'refused'],
  [
    'already-running',
    [...here, active(U, P, T)],
    `start -u ${U} -p ${P} -t ${T}`,
    'Device already exists',
  ],
  [
    'already-running-broken-active-mdev-type',
    [...here, active(U, P, T, 'type link')],
    `start -u ${U} -p ${P} -t ${T}`,
    'ok',
    'there is such a device, so the kernel refuses it; that test looks only at what would be written',
  ],
  [
    'already-running-removed-active-mdev-type',
    [...here, active(U, P, T, 'type')],
    `start -u ${U} -p ${P} -t ${T}`,
    `Parent ${P} does not support mdev type ${T}`,
  ],
  ['no-instances', [offer(P, T, { instances: 0 })], `start -u ${U} -p ${P} -t ${T}`, 'refused'],
  ['defined-multiple-callout-success', [...there, good], `start -u ${U} -p ${P} -t ${T}`],
  ['defined-multiple-callout-fail', [...there, bad], `start -u ${U} -p ${P} -t ${T}`, 'refused'],
  ['defined-multiple-callout-fail-force', [...there, bad], `start -u ${U} -p ${P} -t ${T} --force`],
  ['missing-parent', [], `start -u ${U} -p ${P} -t ${T}`, `Unable to find parent device '${P}'`],
  [
    'parent-case',
    [offer('0000:2b:00.0', T)],
    `start -u ${U} -p 0000:2B:00.0 -t ${T}`,
    `Unable to find parent device '0000:2B:00.0'. Did you mean '0000:2b:00.0'?`,
  ],
  startWithScripts('start-single-with-version-callout-pass', [answers]),
  startWithScripts('start-single-with-version-callout-fail', [objects], 'refused'),
  startWithScripts('start-with-version-callout-multiple-with-version-pass', [good, answers]),
  startWithScripts('start-with-version-callout-multiple-with-version-pass2', [bad, answers]),
  startWithScripts(
    'start-with-version-callout-multiple-with-version-fail',
    [good, objects],
    'refused',
  ),
]);

const isNotActive = `Device ${U} is not an active mdev`;
export const stop = rows('test_stop_helper', none, [
  ['default', [active(U, P, T)], `stop -u ${U}`],
  ['callout-success', [active(U, P, T), good], `stop -u ${U}`],
  ['callout-fail', [active(U, P, T), bad], `stop -u ${U}`, 'refused'],
  ['callout-fail-force', [active(U, P, T), bad], `stop -u ${U} --force`],
  ['broken-active-mdev-type', [active(U, P, T, 'type link')], `stop -u ${U}`, 'refused'],
  // It has two tests of this name.
  ['broken-active-mdev-type', [active(U, P, T, 'type')], `stop -u ${U}`, 'refused'],
  ['broken-active-parent', [active(U, P, T, 'device link')], `stop -u ${U}`, 'refused'],
  ['removed-active-parent', [active(U, P, T, 'device')], `stop -u ${U}`, 'refused'],
  [
    'callout-success-broken-active-parent',
    [active(U, P, T, 'device link'), good],
    `stop -u ${U}`,
    isNotActive,
  ],
  [
    'callout-success-removed-active-parent',
    [active(U, P, T, 'device'), good],
    `stop -u ${U}`,
    isNotActive,
  ],
  ...BROKEN.map(
    ([name, without]): Row => [
      `callout-fail-force-${name}`,
      [active(U, P, T, without), bad],
      `stop -u ${U} --force`,
      isNotActive,
    ],
  ),
  ['stop-single-callout-with-version-all-pass', [active(V, P, T), answers], `stop -u ${V}`],
  [
    'stop-single-callout-with-version-all-fail',
    [active(V, P, T), objects],
    `stop -u ${V}`,
    'refused',
  ],
  ['stop-single-callouts-mix-all-pass', [active(V, P, T), bad, answers], `stop -u ${V}`],
  [
    'stop-single-callouts-mix-all-fail',
    [active(V, P, T), good, objects],
    `stop -u ${V}`,
    'refused',
  ],
]);
