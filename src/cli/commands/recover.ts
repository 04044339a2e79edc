import type { Issue } from '../../errors.ts';
import { printable } from '../../terminal-text.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption } from '../options.ts';
import { EXIT } from '../exit-codes.ts';
import { issueData, issueLines } from '../report-error.ts';

export const command: Command = {
  arguments: [],
  options: [jsonOption],
  description:
    'Puts right what commands that were killed, or that the power failed in, left half done: an interrupted create, define, update, claim or release is undone, an interrupted destroy or undefine is finished; of an apply that also creates or changes something, all is undone. Every other command does this first as well. What is in use, or was changed by another program since, stays as it is: then the exit code is 1.',
  examples: [
    ['recover', 'a line for each interrupted operation'],
    ['recover --json', 'the same for a program'],
  ],
  failure: () => messages.recoveryFailed,

  async run({ connect, output }) {
    // Connecting recovers, too, and reports to the same function.
    const issues: Issue[] = [];
    await (await connect((issue) => issues.push(issue))).recover();
    output.report({ recovered: issues.map(issueData) }, () =>
      issues.length === 0
        ? `${messages.nothingToRecover}\n`
        : issues.flatMap((issue) => recoveryLines(issue)).join(''),
    );
    return issues.some(({ severity }) => severity === 'error') ? EXIT.failure : 0;
  },
};

/** The lines of a report. It is the command's result here, and no warning. */
function recoveryLines(issue: Issue): readonly string[] {
  return issue.severity === 'error' ? issueLines(issue) : [`${printable(issue.message)}\n`];
}
