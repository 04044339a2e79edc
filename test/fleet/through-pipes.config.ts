import { defineConfig } from 'vitest/config';

/** Tests of connections and of the command that are run once more, with client and server between. Run by run.sh. */
export default defineConfig({
  test: {
    include: [
      'test/cli/{transcript,group,ownership,plan,event}.test.ts',
      'test/engine/{manager,if-not-exists}.test.ts',
      'test/engine/definitions/lifecycle.test.ts',
      'test/plan/topology.test.ts',
    ],
    globalSetup: 'test/cli/built-command.ts',
    setupFiles: ['test/support/seed.ts', 'test/fleet/through-pipes.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
