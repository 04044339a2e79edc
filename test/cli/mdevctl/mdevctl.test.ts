import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../../src/host/simulated/init.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { scenarios } from './scenarios.ts';
import { goldenFile, ourAnswers, placeFiles, transcript } from './transcript.ts';

describe('answers as the real mdevctl 1.4 does', () => {
  it.each(scenarios)('$name', async (scenario) => {
    const host = join(temporaryFolder({ inMemory: true }), 'host');
    makeSimulatedHost(host, scenario.profile);
    placeFiles(host, scenario);
    const answers = await ourAnswers(host, scenario.lines);
    expect(transcript(host, scenario.lines, answers)).toBe(
      readFileSync(goldenFile(scenario), 'utf8'),
    );
  });
});
