import type { Command } from '../command.ts';
import { jsonOption } from '../options.ts';
import { formatNumber, formatTable, yesNo } from '../table.ts';

export const command: Command = {
  arguments: [],
  options: [jsonOption],
  examples: [['group list', 'all groups, with their owners']],

  async run({ manager, output }) {
    const groups = await (await manager()).groups();
    output.report({ groups }, () =>
      formatTable(
        ['Number', 'Name', 'Members', 'Owner', 'Open'],
        groups.map(({ number, name, members, owner, open }) => [
          formatNumber(number),
          name,
          String(members.length),
          owner?.name ?? '-',
          yesNo(open),
        ]),
      ),
    );
  },
};
