import type { Issue } from '../../errors.ts';
import { printable } from '../../terminal-text.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { jsonOption, textOption } from '../options.ts';
import { EXIT } from '../exit-codes.ts';
import { issueData, issueLines } from '../report-error.ts';

const forgetOption = textOption('forget', 'end this interrupted operation, and leave it as it is', {
  placeholder: 'ID',
  completion: 'operation',
});

export const command: Command = {
  changes: true,
  arguments: [],
  options: [forgetOption, jsonOption],
  description:
    'Puts right what commands that were killed, or that the power failed in, left half done: an interrupted create, define, update, claim or release is undone, an interrupted destroy or undefine is finished; of an apply that also creates or changes something, all is undone. Every other command does this first as well, and no change is made before it has worked: an error that may be temporary, such as a full disk, is met by trying again. What is in use, was changed by another program since, or cannot be done any more, stays as it is: then the exit code is 1, here and of `doctor`, until another `recover` succeeds, or `recover --forget` says that it is to stay so. A reboot ends what is about active devices.',
  examples: [
    ['recover', 'a line for each interrupted operation'],
    [
      'recover --forget 6f1d6c3e-0d0a-4a55-9a3f-0d8f7d1b2c11',
      'the operation with this id, which its messages name, is over',
    ],
    ['recover --json', 'the same for a program'],
  ],
  failure: () => messages.recoveryFailed,

  async run({ args, connect, output }) {
    // Connecting recovers, too. What it had to leave is then tried again.
    const told: Issue[] = [];
    const connection = await connect((issue) => told.push(issue));
    const before = told.filter(({ code }) => code === 'recovered');
    const issues = [...before, ...(await connection.recover({ forget: args.get(forgetOption) }))];
    if (issues.some(({ code }) => code === 'recovered')) output.noteChange();
    output.report('recover', { recovered: issues.map(issueData) }, () =>
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
