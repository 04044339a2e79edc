import { expect, it } from 'vitest';
import { lockRoot } from '../../../src/engine/lock/root-lock.ts';
import { interceptFs } from '../../support/intercept-fs.mjs';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('an error of giving back the lock makes nothing of what was done a failure, and the lock is free', async () => {
  const root = temporaryFolder({ inMemory: true });
  const unlock = await lockRoot(root, 10, []);
  const restore = interceptFs(({ name }) => {
    if (name === 'closeSync') throw Object.assign(new Error('injected'), { code: 'EIO' });
  });
  try {
    expect(unlock).not.toThrow();
  } finally {
    restore();
  }
  const again = await lockRoot(root, 10, []);
  again();
});
