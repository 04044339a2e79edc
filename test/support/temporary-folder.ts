import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files here are in memory on Linux: syncing them, which our stores do a lot, does not wait for a busy disk. */
const MEMORY = '/dev/shm';

/**
 * A fresh folder that is removed when the running test ends.
 *
 * @param inMemory for tests that neither run programs in it nor are about a disk
 * @param onFinished of the test itself, for one that runs beside others
 */
export function temporaryFolder({
  inMemory = false,
  onFinished = onTestFinished,
}: {
  readonly inMemory?: boolean;
  readonly onFinished?: typeof onTestFinished;
} = {}): string {
  const base = inMemory && existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = mkdtempSync(join(base, 'virt-nodedev-'));
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
