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
    const { items: types, problems } = await (await manager()).types({ parent: args.get(parent) });
    output.problems(problems);
    output.report({ types, problems: problems.map(issueData) }, () =>
      formatTable(
        ['Parent', 'Type', 'Name', 'Free', 'Used', 'Has'],
        types.map((type) => [
          type.parent,
          type.id,
          type.name ?? '-',
          String(type.availableInstances),
          String(type.used),
          describeType(type.attributes),
        ]),
      ),
    );
  },
};
