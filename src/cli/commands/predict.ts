import { parseCreation, type Prediction } from '../../index.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, listOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { formatTable } from '../table.ts';

const creation = listOption('creation', 'TYPE, TYPE*COUNT or TYPE*COUNT@PARENT');
const all = flagOption('all', 'also types that stay as they are');

export const command: Command = {
  arguments: [creation],
  options: [all, jsonOption],
  description: `Nothing is created. TYPE is an id, a name or criteria (framebuffer=2G,series=Q). A count is exact unless it
says "at most": then the driver keeps a limit to itself.`,
  examples: [
    ["predict 'nvidia-18*2@pci_0000_86_00_0'", 'what two of them leave of every type'],
    ["predict 'M60-2Q@pci_0000_86_00_0' 'M60-8Q@pci_0000_87_00_0'", 'on two GPUs'],
  ],
  failure: () => messages.predictFailed,

  async run({ args, manager, output }) {
    const { items, problems } = await (await manager()).predict(
      args.get(creation).map(parseCreation),
    );
    const shown = items.filter((item) => args.get(all) || item.available !== item.before);
    output.problems(problems);
    output.report({ predictions: shown, problems: problems.map(issueData) }, () => format(shown));
  },
};

function format(predictions: readonly Prediction[]): string {
  const reasons = new Set(predictions.flatMap(({ reason }) => reason ?? []));
  const table = formatTable(
    ['Parent', 'Type', 'Name', 'Free now', 'Free then'],
    likeParents(predictions).flatMap(([parent, rows]) =>
      rows.map(({ type, name, before, available, confidence }) => [
        parent,
        type,
        name ?? '-',
        String(before),
        confidence === 'exact' ? String(available) : `at most ${available}`,
      ]),
    ),
  );
  return `${table}${[...reasons].map((reason) => `\n${reason}\n`).join('')}`;
}

/** Parents to which the same happens, as the virtual functions of one GPU, stand in one line. */
function likeParents(
  predictions: readonly Prediction[],
): readonly (readonly [string, readonly Prediction[]])[] {
  const byParent = [...groups(predictions, ({ parent }) => parent)];
  const alike = groups(byParent, ([, rows]) =>
    JSON.stringify(rows.map(({ type, before, available }) => [type, before, available])),
  );
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const [parent, rows] = first;
    const name = others.length === 0 ? parent : `${parent} and ${others.length} like it`;
    return [[name, rows] as const];
  });
}

function groups<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group === undefined) found.set(keyOf(item), [item]);
    else group.push(item);
  }
  return found;
}
