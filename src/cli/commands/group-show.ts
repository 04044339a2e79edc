import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, requiredOption } from '../options.ts';
import { formatFacts, formatNumber, formatTable, ownerName, yesNo } from '../table.ts';

const group = requiredOption('group', 'name of the group', { completion: 'group' });

export const command: Command = {
  arguments: [group],
  options: [jsonOption],
  examples: [['group show group1', 'the owner and members of a group']],

  async run({ args, connect, output }) {
    output.report('group-show', await (await connect()).group(args.get(group)), (found, room) => {
      const facts = formatFacts([
        ['Name', found.name],
        ['Number', formatNumber(found.number)],
        [
          'Owner',
          found.owner ? messages.ownerText(found.owner.name, found.owner.by) : ownerName(found),
        ],
        ['Open', found.open === undefined ? messages.openUnknown : yesNo(found.open)],
        ...(found.committed === undefined ? [] : [['Committed', yesNo(found.committed)] as const]),
      ]);
      const members = formatTable(
        ['Device', 'Parent', 'Type', 'Active'],
        found.members.map(({ name, parent, type, active }) => [
          name,
          parent,
          type ?? '-',
          yesNo(active),
        ]),
        room,
      );
      return `${facts}\n${members}`;
    });
  },
};
