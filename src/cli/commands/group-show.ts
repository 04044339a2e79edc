import type { Command } from '../command.ts';
import { jsonOption, requiredOption } from '../options.ts';
import { formatTable } from '../table.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });

export const command: Command = {
  arguments: [group],
  options: [jsonOption],
  examples: [['group show group1', 'the owner and members of a group']],

  async run({ args, manager, output }) {
    const found = await (await manager()).group(args.get(group));
    output.report(found, () => {
      const facts = [
        ['Name:', found.name],
        ['Number:', String(found.number)],
        ['Owner:', found.owner?.name ?? '-'],
        ['Open:', found.open ? 'yes' : 'no'],
      ].map(([label = '', value = '']) => `${label.padEnd(15)} ${value}\n`);
      const members = formatTable(
        ['Device', 'Parent', 'Type'],
        found.members.map(({ name, parent, type }) => [name, parent, type]),
      );
      return `${facts.join('')}\n${members}`;
    });
  },
};
