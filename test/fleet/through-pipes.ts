import { vi } from 'vitest';

// Set-up: every connection of the tests goes through client and server.

vi.mock('../../src/remote/connect.ts', async (original) => {
  const { connectByPipes } = await import('../remote/pipes.ts');
  return { ...(await original<object>()), connect: connectByPipes };
});
