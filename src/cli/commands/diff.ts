import type { Command } from '../command.ts';
import { compareOptions, makePlan, paths } from '../desired.ts';
import { desiredOnFleet } from '../fleet/desired-on-fleet.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { formatDiff, hasDrift } from '../plan-text.ts';
import { EXIT } from '../exit-codes.ts';

export const command: Command = {
  arguments: [paths],
  options: [...compareOptions, ...fleetOptions, jsonOption],
  description: 'Exit code: 0 when the host is as desired, 4 when it is not.',
  examples: [
    ['diff desired/', 'what is missing or otherwise'],
    ['diff desired/ --prune', 'and what is there too much'],
  ],
  failure: () => messages.compareFailed,

  fleet: (context) => desiredOnFleet(context, 'diff', formatDiff),

  async run(context) {
    const { output } = context;
    const plan = await makePlan(context);
    for (const warning of plan.warnings) output.warn(warning);
    const isOther = hasDrift(plan);
    const { actions, refusals, left } = plan;
    output.report('diff', { drift: isOther, actions, refusals, left }, formatDiff);
    if (!isOther) output.tell(messages.asDesired);
    return isOther ? EXIT.drift : 0;
  },
};
