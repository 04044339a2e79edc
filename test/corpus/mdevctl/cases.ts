import type { Case } from './case.ts';
import { define, defineWithScripts, loadJson, undefine } from './definitions.ts';
import { list, types } from './lists.ts';
import { modify, modifyBoth } from './modifications.ts';
import { get, invoke } from './script-calls.ts';
import { start, stop } from './starts.ts';

export const cases: readonly Case[] = [
  ...list,
  ...types,
  ...define,
  ...defineWithScripts,
  ...undefine,
  ...modify,
  ...modifyBoth,
  ...start,
  ...stop,
  ...loadJson,
  ...invoke,
  ...get,
];

const NO_SUCH_DEVICE = 'no command has a device without a type';

/** Its tests that are no command line, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  'test_invoke_callout test_invoke_callout_without_mdevtype': NO_SUCH_DEVICE,
  'test_get_callout test_get_callout_without_mdevtype': NO_SUCH_DEVICE,
};

/** Its tests begin with these files, which are no result. */
export const inputs: readonly string[] = [
  ...['define', 'list/device1', 'list/device2', 'modify', 'start', 'undefine'].map((each) =>
    each.includes('/') ? `${each}.json` : `${each}/defined.json`,
  ),
  'modify/modified.json',
  'invalid-files/device.json',
  ...loadJson.flatMap(({ name, outcome }) =>
    outcome === 'ok' ? [`load-json/${name.split(' ')[1]}.in`] : [],
  ),
];

export const scripts: readonly string[] = cases.flatMap(({ tree }) =>
  tree.flatMap((step) => (step.do === 'script' ? [`callouts/${step.file}`] : [])),
);

/** Files of its test data that no test of it reads. */
export const unread: readonly string[] = [
  'callouts/template.sh',
  'start/defined-diff-type/defined.json',
  'start/defined-multiple/defined.json',
  'start/defined-multiple-underspecified/defined.json',
  'start/defined-multiple-underspecified/defined/defined.json',
  'start/defined-with-type/defined.json',
  'start/no-type-parent-defined/defined.json',
];
