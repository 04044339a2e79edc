import { answers, bad, good, none, objects, P, type Row, rows, U, V, versioned } from './case.ts';
import { active, defined, definedOf, offer, script, type Step } from './host.ts';

/** An action that its tests make up for a script is `start` here. */
const calls = (
  name: string,
  scripts: readonly Step[],
  outcome = 'ok',
  uuid = U,
  parent = 'test_parent',
  type = 'test_type',
): Row => [
  name,
  [offer(parent, type), ...scripts],
  `start -u ${uuid} -p ${parent} -t ${type}`,
  outcome,
];
const byType = [script('type-a.sh'), script('type-b.sh'), script('type-c.sh')];
const params = script('params.sh');
export const invoke = rows('test_invoke_callout', none, [
  calls('test_callout_all_success', [good]),
  calls('test_callout_all_fail', [bad], 'refused'),
  calls('test_callout_wrong_type', [script('rc2.sh')]),
  calls('test_callout_type_c', byType, 'refused', U, 'parent_c', 'type_c'),
  calls('test_callout_no_script', byType, 'ok', U, 'parent_d', 'type_d'),
  [
    'test_callout_params_define',
    [offer('test_parent_define', 'test_type_define'), params],
    `define -u ${U} -p test_parent_define -t test_type_define`,
  ],
  [
    'test_callout_params_modify',
    [definedOf(U, 'test_parent_modify', 'test_type_modify'), params],
    `modify -u ${U} --auto`,
  ],
  [
    'test_callout_params_undefine',
    [definedOf(U, 'test_parent_undefine', 'test_type_undefine'), params],
    `undefine -u ${U}`,
  ],
  calls('test_callout_params_start', [params], 'ok', U, 'test_parent_start', 'test_type_start'),
  [
    'test_callout_params_stop',
    [active(U, 'test_parent_stop', 'test_type_stop'), params],
    `stop -u ${U}`,
  ],
  calls(
    'test_callout_order_fail',
    [script('rc1.sh', '00.sh'), script('rc0.sh', '99.sh')],
    'refused',
  ),
  calls('test_callout_order_pass', [script('rc0.sh', '00.sh'), script('rc1.sh', '99.sh')]),
  calls('test_callout_location_priority_pass', [good, script('rc1.sh', 'rc1.sh', true)]),
  calls('test_callout_location_priority_fail', [bad, script('rc0.sh', 'rc0.sh', true)], 'refused'),
  calls(
    'test_callout_location_priority_skip_fail',
    [script('rc2.sh'), script('rc1.sh', 'rc1.sh', true)],
    'refused',
  ),
  calls('test_callout_location_priority_skip_pass', [
    script('rc2.sh'),
    script('rc0.sh', 'rc0.sh', true),
  ]),
  calls('test_callout_with_version_pass', [answers], 'ok', V),
  calls('test_callout_with_version_fail', [objects], 'refused', V),
  calls('test_callout_with_version_mix_pass', [bad, answers], 'ok', V),
  calls('test_callout_with_version_mix_fail', [good, objects], 'refused', V),
  calls(
    'test_callout_get_capabilities_rc1_run_with_version_pass',
    [bad, answers],
    'ok',
    versioned('1'),
  ),
  calls(
    'test_callout_get_capabilities_rc2_run_without_version_fail',
    [bad, answers],
    'refused',
    versioned('2'),
  ),
  calls(
    'test_callout_with_get_capabilities_bad_run_without_version_fail',
    [bad, answers],
    'refused',
    versioned('a'),
  ),
  calls('test_callout_with_unknown_action_with_version_pass', [bad, answers], 'ok', versioned('b')),
  calls('test_callout_with_unknown_event_with_verion_pass', [bad, answers], 'ok', versioned('c')),
  calls('test_callout_with_version_missing_modify_run_start_pass', [answers], 'ok', versioned('d')),
  [
    'test_callout_with_version_missing_modify_run_modify_fail',
    [defined(versioned('d'), P, 'modify/defined.json'), answers],
    `modify -u ${versioned('d')} --auto`,
    'refused',
  ],
  calls(
    'test_callout_with_version_json_provides_with_version_pass',
    [bad, answers],
    'ok',
    versioned('e'),
  ),
  calls(
    'test_callout_with_version_json_invalid_with_version_without_version_fail',
    [bad, answers],
    'refused',
    versioned('f'),
  ),
]);

/** A definition of an active device has the attributes that a script says. */
const asked = (name: string, of: string, outcome = 'ok', uuid = U): Row => [
  name,
  [active(uuid, 'test_parent', 'test_type'), script(of)],
  `define -u ${uuid}`,
  outcome,
];
export const get = rows('test_get_callout', none, [
  asked('test_callout_good_json', 'good-json.sh'),
  asked('test_callout_bad_json', 'bad-json.sh', 'refused'),
  asked('test_callout_good_json_null', 'good-json-null-terminated.sh'),
  asked('test_callout_with_version_good_json', 'ver-rc0.sh', 'ok', V),
  asked('test_callout_with_version_bad_json', 'ver-rc0-get-attr-bad-json.sh', 'refused', V),
]);
