import { CALLS } from '../../host/simulated/calls.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { callOf } from '../simulated-call.ts';
import { jsonOption, requiredOption, wholeNumberOption } from '../options.ts';

const call = requiredOption('call', `what fails: ${CALLS.join(', ')}`, { completion: CALLS });
const errno = requiredOption('errno', 'what with: EIO, ENOSPC, …; none: it only seems to be done');
const times = wholeNumberOption('times', 'how many calls fail; default 1, 0: none', {
  placeholder: 'N',
});

export const command: Command = {
  changes: true,
  arguments: [call, errno],
  options: [times, jsonOption],
  description:
    'For tests of how a program deals with errors. What is set of a call takes the place of what was set before; `sim reset` ends all.',
  examples: [
    ['sim fail create EIO', 'the next creation fails'],
    ['sim fail create none', 'the next device never appears'],
    ['sim fail remove EBUSY --times 3', 'the next three removals fail'],
  ],
  failure: () => messages.faultFailed,

  async run({ args, connect, output }) {
    const [name, word, most = 1] = [callOf(args.get(call)), args.get(errno), args.get(times)];
    await (await connect()).failCall(name, word, { times: most });
    output.noteChange();
    output.report('sim-fail', { call: name, errno: word, times: most });
    output.tell(messages.callsFail(name, word, most));
  },
};
