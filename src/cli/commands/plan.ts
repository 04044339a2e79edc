import type { Command } from '../command.ts';
import { makePlan, paths, planOptions } from '../desired.ts';
import { desiredOnFleet, recordOption } from '../fleet/desired-on-fleet.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { formatPlan } from '../plan-text.ts';

export const command: Command = {
  arguments: [paths],
  options: [...planOptions, ...fleetOptions, recordOption, jsonOption],
  description:
    'Nothing is changed. Every desired device is to be active; a domain owns the groups whose devices its hostdevs name. A device without <uuid> has one that is derived from this host, its group, and its <name> or its parent and type, always the same. The plan of --json can be applied later, if the host has not changed.\n\nExit code: 0, 1 when something cannot be done.',
  examples: [
    ['plan desired/', 'what would be done'],
    ['plan desired/ --prune', 'and what would be destroyed'],
    ['plan desired/ --json > plan.json', 'to apply exactly this later'],
  ],
  failure: () => messages.planFailed,

  fleet: (context) => desiredOnFleet(context, 'plan', (plan) => formatPlan(plan)),

  async run(context) {
    const plan = await makePlan(context);
    for (const warning of plan.warnings) context.output.warn(warning);
    context.output.report('plan', plan, formatPlan);
    return plan.applicable ? 0 : 1;
  },
};
