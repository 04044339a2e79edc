import type { Command } from '../command.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { EXIT } from '../exit-codes.ts';
import { issueData, issueLines } from '../report-error.ts';

export const command: Command = {
  arguments: [],
  options: [...fleetOptions, jsonOption],
  runsNoDriver: true,
  description:
    'Looks for what is wrong with the host: no mediated device support and why, full or empty parents, devices nobody owns, definitions that cannot be started. Changes nothing. Exits with 1 when there is an error or a warning; a notice is no problem.',
  examples: [
    ['doctor', 'what is wrong, with what to do about it'],
    ['doctor --json', 'the same for a program'],
  ],

  async run({ connect, output }) {
    const findings = await (await connect()).doctor();
    const isWell = findings.every(({ severity }) => severity === 'notice');
    output.report('doctor', { findings: findings.map(issueData) }, () =>
      [
        ...findings.flatMap((finding) => issueLines(finding)),
        ...(isWell ? [`${messages.noProblems}\n`] : []),
      ].join(''),
    );
    return isWell ? 0 : EXIT.failure;
  },
};
