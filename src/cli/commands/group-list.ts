import type { Command } from '../command.ts';
import { jsonOption } from '../options.ts';
import { formatNumber, formatTable, ownerName, yesNo } from '../table.ts';

export const command: Command = {
  arguments: [],
  options: [jsonOption],
  examples: [['group list', 'all groups, with their owners']],

  async run({ connect, output }) {
    const groups = await (await connect()).groups();
    output.report('group-list', { groups }, (shown, room) =>
      formatTable(
        ['Number', 'Name', 'Members', 'Owner', 'Open'],
        shown.groups.map((group) => [
          formatNumber(group.number),
          group.name,
          String(group.members.length),
          ownerName(group),
          yesNo(group.open),
        ]),
        room,
      ),
    );
  },
};
