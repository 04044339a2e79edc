import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { topologyDot } from '../../src/index.ts';
import { anyTopology } from '../pictures/arbitrary.ts';
import { SEED } from '../support/seed.ts';
import { isInstalled } from './programs.ts';

const hasDot = isInstalled('dot', 'graphviz');

it.skipIf(!hasDot)(`Graphviz understands graphs of hosts with any names (SEED=${SEED})`, () => {
  const hosts = fc.sample(anyTopology, { numRuns: 100, seed: SEED });
  const input = hosts.map(topologyDot).join('');
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stderr, stdout } = spawnSync('dot', ['-Tplain'], options);
  // A name may be too wide for its box; what cannot be read is an error.
  expect(stderr.split('\n').filter((line) => /error/iu.test(line))).toEqual([]);
  expect(status).toBe(0);
  expect(stdout.match(/^graph /gmu)).toHaveLength(hosts.length);
});
