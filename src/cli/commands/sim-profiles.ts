import { sampleProfiles } from '../../host/simulated/samples.ts';
import type { Command } from '../command.ts';
import { jsonOption } from '../options.ts';

export const command: Command = {
  arguments: [],
  options: [jsonOption],
  examples: [['sim profiles', 'what sim init can create']],

  run({ output }) {
    const profiles = sampleProfiles();
    output.report('sim-profiles', { profiles }, () => profiles.map((name) => `${name}\n`).join(''));
    return Promise.resolve();
  },
};
