import { CALLS } from '../../host/simulated/calls.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { callOf } from '../simulated-call.ts';
import { jsonOption, requiredOption } from '../options.ts';

const call = requiredOption('call', `what takes longer: ${CALLS.join(', ')}`, {
  completion: CALLS,
});
const delay = requiredOption('ms', 'how many milliseconds longer, 600000 at most; 0: none');

export const command: Command = {
  changes: true,
  arguments: [call, delay],
  options: [jsonOption],
  description: 'Each such call, until another time is set, or the host is reset.',
  examples: [['sim delay create 3000', 'devices take three seconds to be made']],
  failure: () => messages.faultFailed,

  async run({ args, connect, output }) {
    const [name, word] = [callOf(args.get(call)), args.get(delay)];
    if (!/^\d{1,6}$/u.test(word)) throw new UsageError(messages.malformedNumber('ms', word));
    await (await connect()).delayCall(name, Number(word));
    output.noteChange();
    output.report('sim-delay', { call: name, milliseconds: Number(word) });
    output.tell(messages.callsTakeLonger(name, Number(word)));
  },
};
