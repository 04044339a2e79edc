import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  changes: true,
  arguments: [],
  options: [jsonOption],
  description:
    'Then no device is active or open; definitions stay, and nothing is started from them.',
  examples: [['-c sim:///tmp/host sim reset', 'all active devices are gone']],
  failure: () => messages.resetFailed,

  async run({ connect, output }) {
    const host = await connect();
    await host.resetHost();
    output.noteChange();
    output.report('sim-reset', { uri: host.uri });
    output.tell(messages.hostReset(host.uri));
  },
};
