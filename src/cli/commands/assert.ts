import type { Command } from '../command.ts';
import { compareOptions, makePlan, paths } from '../desired.ts';
import { desiredOnFleet } from '../fleet/desired-on-fleet.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { formatDrift, hasDrift } from '../plan-text.ts';
import { shown } from '../shown.ts';
import { EXIT } from '../exit-codes.ts';

export const command: Command = {
  arguments: [paths],
  options: [...compareOptions, ...fleetOptions, jsonOption],
  description:
    'As diff, with a line for each thing that is not as desired, and nothing when all is. Exit code: 0, or 4.',
  examples: [['assert desired/', 'in CI, or before a VM is started']],
  failure: () => messages.compareFailed,

  fleet: (context) => desiredOnFleet(context, 'assert', formatDrift),

  async run(context) {
    const plan = await makePlan(context);
    const isOther = hasDrift(plan);
    const { actions, refusals, left } = plan;
    if (context.args.get(jsonOption)) {
      context.output.report('assert', { drift: isOther, actions, refusals, left });
    } else context.output.printExactly(formatDrift(shown(plan)));
    return isOther ? EXIT.drift : 0;
  },
};
