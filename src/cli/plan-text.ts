import type { Difference } from '../plan/difference.ts';
import type { Plan, PlannedAction } from '../plan/plan.ts';
import type { Issue } from '../errors.ts';
import { mdevName, nodeDeviceName } from '../nodedev/names.ts';
import * as messages from './messages.ts';
import { formatPredictions } from './predictions.ts';
import { issueLines } from './report-error.ts';
import type { TableRoom } from './table.ts';

/** A plan as text: its actions in order, the devices that stay, and the counts afterwards. */
export function formatPlan(plan: Plan, room?: TableRoom): string {
  return [
    plan.actions.flatMap(actionLines),
    leftLines(plan),
    refusalLines(plan.refusals),
    plan.applicable ? afterLines(plan, room) : [],
    [plan.actions.length === 0 && plan.applicable ? nothingToDo(plan.left) : summary(plan)],
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('\n');
}

/** The parts of a plan with the differences of the host. */
type Drift = Pick<Plan, 'actions' | 'refusals' | 'left'>;

/** The differences from the desired state, in the form of a unified diff. Empty: there are none. */
export function formatDiff({ actions, refusals, left }: Drift): string {
  const lines = [
    ...actions.flatMap(diffLines),
    ...leftOver(left).map((device) => `-active ${device.name} (${keptText(device)})`),
    ...refusals.flatMap((issue) => issueText(issue)),
  ];
  if (lines.length === 0) return '';
  return ['--- host', '+++ desired', ...lines].map((line) => `${line}\n`).join('');
}

/** The differences, one a line. */
export function formatDrift({ actions, refusals, left }: Drift): string {
  const lines = [
    ...actions.flatMap(driftLines),
    ...leftOver(left).map((device) => `${device.name}: ${keptText(device)}`),
    ...refusals.map((issue) => issueText(issue)[0] ?? ''),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a plan has actions or refusals, or devices stay that should not be there. */
export function hasDrift({ actions, refusals, left }: Drift): boolean {
  return actions.length > 0 || refusals.length > 0 || leftOver(left).length > 0;
}

/** Devices of ours that are to go, but stay. */
const leftOver = (left: Plan['left']): Plan['left'] =>
  left.filter(({ reason }) => ['in-use', 'owned', 'left-over'].includes(reason));

const keptText = ({ reason, by }: Plan['left'][number]): string =>
  `${LEFT_WORDS[reason]}${by === undefined ? '' : `: ${by}`}`;

/** What is said when a plan has nothing to do: not that all is as desired, when something is not. */
export function nothingToDo(left: Plan['left'] = []): string {
  return left.some(({ reason }) => reason !== 'unchanged' && reason !== 'foreign')
    ? messages.nothingMoreToDo
    : messages.nothingToDo;
}

/** The device, group or card of an action. */
export function subjectOf(action: PlannedAction): string {
  if (action.action === 'set-up') return nodeDeviceName('pci', action.card);
  return 'owner' in action
    ? `group ${action.group}`
    : mdevName(action.device.uuid, action.device.parent);
}

const SIGNS: Readonly<Record<PlannedAction['action'], string>> = {
  destroy: '-',
  undefine: '-',
  create: '+',
  start: '+',
  define: '+',
  update: '~',
  redefine: '~',
  'set-up': '~',
  claim: '~',
  release: '-',
  adopt: '~',
  regroup: '~',
};

function actionLines(action: PlannedAction): readonly string[] {
  const sign = SIGNS[action.action];
  const first = `${sign} ${action.action.padEnd(8)} ${subjectOf(action)}`;
  return [first, ...detailsOf(action).map((detail) => `    ${detail}`)];
}

function detailsOf(action: PlannedAction): readonly string[] {
  if ('owner' in action) {
    return [`${action.action === 'claim' ? 'for' : 'from'} domain '${action.owner.name}'`];
  }
  const changes = (action.changes ?? []).map(changeText);
  switch (action.action) {
    case 'set-up':
      return [
        `${action.words}: ${action.runs}`,
        ...(action.needs === undefined ? [] : [`needs ${action.needs}`]),
      ];
    case 'update':
    case 'redefine':
    case 'regroup':
      return changes;
    case 'destroy':
    case 'undefine':
      return changes.length === 0
        ? [deviceText(action)]
        : [deviceText(action), ...changes.map((change) => `made anew: ${change}`)];
    case 'define':
      return [deviceText(action), ...(action.autostart ? ['autostart'] : [])];
    case 'adopt':
    case 'create':
    case 'start':
      return [deviceText(action)];
  }
}

type DeviceAction = Exclude<PlannedAction, { readonly action: 'claim' | 'release' | 'set-up' }>;

function deviceText({ device: { uuid, type, parent, group } }: DeviceAction): string {
  const own = group === uuid ? '' : `, group ${group}`;
  return `${type} on ${parent}${own}`;
}

function changeText({ what, before, after }: Difference): string {
  return `${what}: ${before ?? 'none'} -> ${after ?? 'none'}`;
}

const LEFT_WORDS = {
  unchanged: 'as desired',
  'in-use': 'not desired, but in use',
  owned: 'not desired, but given to a domain',
  foreign: "another program's",
  undesired: 'not desired (--prune would destroy them)',
  'left-over': 'of an earlier desired state (--prune takes them back)',
} as const;

function leftLines({ left }: Plan): readonly string[] {
  return Object.entries(LEFT_WORDS).flatMap(([reason, words]) => {
    const devices = left.filter((device) => device.reason === reason);
    if (devices.length === 0) return [];
    const named = devices.filter(({ by }) => reason !== 'unchanged' && by !== undefined);
    return [
      `  left: ${devices.length} ${words}`,
      ...named.map(({ name, by }) => `    ${name} (${by ?? ''})`),
    ];
  });
}

function refusalLines(refusals: readonly Issue[]): readonly string[] {
  if (refusals.length === 0) return [];
  return [messages.notApplicable, ...refusals.flatMap((issue) => issueText(issue))];
}

function issueText(issue: Issue): readonly string[] {
  return issueLines(issue).map((line) => line.trimEnd());
}

function afterLines({ predictions }: Plan, room: TableRoom | undefined): readonly string[] {
  const changed = predictions.flatMap(({ parents, types }) =>
    parents.flatMap((parent) =>
      types
        .filter(({ before, available }) => before !== available)
        .map((type) => ({ parent, ...type })),
    ),
  );
  return changed.length === 0 ? [] : [formatPredictions(changed, room).trimEnd()];
}

function summary({ actions, refusals }: Plan): string {
  const counts = new Map<string, number>();
  for (const { action } of actions) counts.set(action, (counts.get(action) ?? 0) + 1);
  const planned = [...counts].map(
    ([action, count]) => `${count} to ${action === 'set-up' ? 'set up' : action}`,
  );
  const refused = refusals.length === 0 ? [] : [`${refusals.length} refused`];
  return [...planned, ...refused].join(', ');
}

function diffLines(action: PlannedAction): readonly string[] {
  const name = subjectOf(action);
  switch (action.action) {
    case 'destroy':
    case 'undefine':
      return [`-${stateText(action)} ${name} ${deviceText(action)}`];
    case 'create':
    case 'start':
    case 'define':
      return [`+${stateText(action)} ${name} ${deviceText(action)}`];
    case 'update':
    case 'redefine':
    case 'regroup':
      return [
        action.action === 'regroup' ? ` ${name}` : ` ${stateText(action)} ${name}`,
        ...(action.changes ?? []).flatMap(({ what, before, after }) => [
          ...(before === undefined ? [] : [`-  ${what}: ${before}`]),
          ...(after === undefined ? [] : [`+  ${what}: ${after}`]),
        ]),
      ];
    case 'adopt':
      return [` active ${name}`, '-  of another program', '+  ours'];
    case 'set-up':
      return [` ${name}`, `+  ${action.words}`];
    case 'claim':
      return [` ${name}`, `+  owner: ${action.owner.name}`];
    case 'release':
      return [` ${name}`, `-  owner: ${action.owner.name}`];
  }
}

function stateText({ action }: DeviceAction): string {
  return action === 'define' || action === 'redefine' || action === 'undefine'
    ? 'defined'
    : 'active';
}

function driftLines(action: PlannedAction): readonly string[] {
  const name = subjectOf(action);
  switch (action.action) {
    case 'destroy':
      return [`${name}: active, but not desired`];
    case 'undefine':
      return [`${name}: defined, but not desired`];
    case 'create':
    case 'start':
      return [`${name}: not active`];
    case 'define':
      return [`${name}: not defined`];
    case 'update':
    case 'redefine':
    case 'regroup':
      return (action.changes ?? []).map((change) => `${name}: ${changeText(change)}`);
    case 'adopt':
      return [`${name}: of another program`];
    case 'set-up':
      return [`${name}: not set up: ${action.words}`];
    case 'claim':
      return [`${name}: not given to domain '${action.owner.name}'`];
    case 'release':
      return [`${name}: given to domain '${action.owner.name}'`];
  }
}
