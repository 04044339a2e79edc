import type { Command } from '../command.ts';
import { completionScripts, SHELLS } from '../completion-scripts.ts';
import { choiceOption } from '../options.ts';

const shell = { ...choiceOption('shell', SHELLS, SHELLS.join(', ')), required: true };

export const command: Command = {
  arguments: [shell],
  options: [],
  examples: [
    ['completion bash > /etc/bash_completion.d/virt-nodedev', 'for all users of bash'],
    ['completion fish | source', 'for this fish'],
  ],

  run({ args, output }) {
    const name = args.get(shell);
    if (name !== undefined) output.printExactly(completionScripts[name]);
    return Promise.resolve();
  },
};
