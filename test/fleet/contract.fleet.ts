import { vi } from 'vitest';

// The tests of a connection, with client and server between them and the host.

vi.mock('../../src/remote/connect.ts', async (original) => {
  const { connectByPipes } = await import('../remote/pipes.ts');
  return { ...(await original<object>()), connect: connectByPipes };
});

await import('../engine/manager.test.ts');
