import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  arguments: [],
  options: [jsonOption],
  description: 'As after a reboot: no devices, no groups, nothing open.',
  examples: [['-c sim:///tmp/host sim reset', 'start over']],
  failure: () => messages.resetFailed,

  async run({ manager, output }) {
    const host = await manager();
    await host.resetHost();
    output.report({ uri: host.uri }, () => '');
    output.tell(messages.hostReset(host.uri));
  },
};
