import { parseCreation } from '../../plan/creation.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, listOption } from '../options.ts';
import { formatPredictions } from '../predictions.ts';
import { issueData } from '../report-error.ts';

const creation = listOption('creation', 'TYPE, TYPE*COUNT or TYPE*COUNT@PARENT', {
  completion: 'creation',
});
const all = flagOption('all', 'also types that stay as they are');

export const command: Command = {
  arguments: [creation],
  options: [all, jsonOption],
  description:
    'Nothing is created. TYPE is an id, a name or criteria (framebuffer=2G,series=Q). A count is exact unless it says "at most": then the driver keeps a limit to itself.',
  examples: [
    ["predict 'nvidia-18*2@pci_0000_86_00_0'", 'what two of them leave of every type'],
    ["predict 'M60-2Q@pci_0000_86_00_0' 'M60-8Q@pci_0000_87_00_0'", 'on two GPUs'],
  ],
  failure: () => messages.predictFailed,

  async run({ args, connect, output }) {
    const { items, problems } = await (await connect()).predict(
      args.get(creation).map(parseCreation),
    );
    const changed = items.filter((item) => args.get(all) || item.available !== item.before);
    output.problems(problems);
    output.report(
      'predict',
      { predictions: changed, problems: problems.map(issueData) },
      (shown, room) => formatPredictions(shown.predictions, room),
    );
  },
};
