import type { Command } from '../command.ts';
import { completionScripts, SHELLS } from '../completion-scripts.ts';
import { choiceOption, jsonOption } from '../options.ts';

const shell = { ...choiceOption('shell', SHELLS, SHELLS.join(', ')), required: true };

export const command: Command = {
  arguments: [shell],
  options: [jsonOption],
  examples: [
    ['completion bash > /etc/bash_completion.d/virt-nodedev', 'for all users of bash'],
    ['completion fish | source', 'for this fish'],
  ],

  run({ args, output }) {
    const name = args.get(shell);
    if (name === undefined) return Promise.resolve();
    const script = completionScripts[name];
    if (args.get(jsonOption)) output.answer('completion', { shell: name, script });
    else output.printExactly(script);
    return Promise.resolve();
  },
};
