import { groupBy } from '../../group-by.ts';
import type { Blocker, TypeExplanation } from '../../plan/explain.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption, textOption } from '../options.ts';
import { issueData } from '../report-error.ts';

const type = requiredOption('type', 'id, name or criteria of a type');
const parent = textOption('parent', 'name or address of a parent device; all parents when absent', {
  completion: 'parent',
});

export const command: Command = {
  arguments: [type, parent],
  options: [jsonOption],
  examples: [
    ['explain nvidia-18', 'on every parent that offers it'],
    ['explain M60-8Q pci_0000_86_00_0', 'on one GPU'],
  ],
  failure: (args) => messages.explainFailed(args.get(type)),

  async run({ args, connect, output }) {
    const { items, problems } = await (await connect()).explain(args.get(type), args.get(parent));
    output.problems(problems);
    output.report('explain', { explanations: items, problems: problems.map(issueData) }, (shown) =>
      [...groupBy(shown.explanations, (one) => JSON.stringify({ ...one, parent: '' })).values()]
        .flatMap(([first, ...others]) => (first === undefined ? [] : format(first, others.length)))
        .join('\n'),
    );
  },
};

/** @param others how many other parents it is the same on */
function format(explanation: TypeExplanation, others: number): string {
  const { parent: where, type: id, name, available, maximum, confidence, rule } = explanation;
  const label = name === undefined ? id : `${id} (${name})`;
  const most = maximum === undefined ? '' : ` of ${maximum}`;
  const bound = confidence === 'exact' ? '' : 'at most ';
  return [
    `${label} on ${where}${others === 0 ? '' : messages.andAlike(others)}: ${bound}${available}${most} available`,
    `  ${rule}`,
    ...(explanation.requiresGroup ? [messages.requiresGroup] : []),
    ...section('in the way', explanation.blockedBy),
    ...roomMakers(explanation.freedBy),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function section(title: string, devices: readonly Blocker[]): readonly string[] {
  return devices.length === 0
    ? []
    : [`  ${title}:`, ...devices.map((each) => `    ${label(each)}`)];
}

/** Sets of devices, a line each. */
function roomMakers(sets: TypeExplanation['freedBy']): readonly string[] {
  if (sets.length === 0) return [];
  const title =
    sets.length === 1 ? 'one more when gone' : 'one more when one of these lines is gone';
  return [`  ${title}:`, ...sets.map((set) => `    ${set.map(label).join(' and ')}`)];
}

const label = ({ name, type: id, holder }: Blocker): string =>
  holder === undefined ? `${name} (${id})` : `${name} (${id}, in use by '${holder}')`;
