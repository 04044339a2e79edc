import type { TypeInfo } from '../../index.ts';
import type { Command } from '../command.ts';
import { describeType } from '../describe-type.ts';
import { jsonOption, textOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { formatTable } from '../table.ts';

const parent = textOption('parent', 'name or address of a parent device; all parents when absent', {
  completion: 'parent',
});

export const command: Command = {
  arguments: [parent],
  options: [jsonOption],
  examples: [
    ['types', 'of all parents'],
    ['types pci_0000_86_00_0', 'of one GPU'],
  ],

  async run({ args, manager, output }) {
    const only = args.get(parent);
    const { items, problems } = await (await manager()).types({ parent: only });
    const types = items.toSorted(byParentAndNumber);
    output.problems(problems);
    output.report({ types, problems: problems.map(issueData) }, () =>
      formatTypes(types, only === undefined),
    );
  },
};

function formatTypes(types: readonly TypeInfo[], withParent: boolean): string {
  const rows = types.map((type) => [
    ...(withParent ? [type.parent] : []),
    type.id,
    type.name ?? '-',
    String(type.availableInstances),
    String(type.used),
    describeType(type.attributes),
  ]);
  const headings = ['Type', 'Name', 'Free', 'Used', 'Has'];
  return formatTable(withParent ? ['Parent', ...headings] : headings, rows);
}

/** nvidia-22 comes before nvidia-210. */
function byParentAndNumber(one: TypeInfo, other: TypeInfo): number {
  const options = { numeric: true };
  return (
    one.parent.localeCompare(other.parent, 'en', options) ||
    one.id.localeCompare(other.id, 'en', options)
  );
}
