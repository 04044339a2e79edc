import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DiskTree } from '../../src/host/disk-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('a write to the kernel that took only a part is an error', () => {
  const file = join(temporaryFolder(), 'attribute');
  fs.writeFileSync(file, '');
  const real = fs.writeSync;
  onTestFinished(() => {
    fs.writeSync = real;
    syncBuiltinESMExports();
  });
  const cut = (descriptor: number, text: string): number => real(descriptor, text.slice(0, 3));
  Reflect.set(fs, 'writeSync', cut);
  syncBuiltinESMExports();
  const tree = new DiskTree('/');
  expect(() => tree.write(file, 'a=1')).not.toThrow();
  expect(() => tree.write(file, 'a=10')).toThrow(`EIO: ${file}`);
});
