import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkReadOnly } from '../../../src/engine/doctor/read-only.ts';
import { SysfsHost } from '../../../src/host/sysfs/host.ts';
import { sampleHost } from './hosts.ts';

/** What is found when these folders, and what is below them, are on a read-only file system. */
function found(...readOnly: readonly string[]): readonly string[] {
  const { folder } = sampleHost('nvidia-m60');
  mkdirSync(join(folder, 'etc/mdevctl.d'), { recursive: true });
  const host = new SysfsHost(folder);
  const access = (path: string): void => {
    if (readOnly.some((each) => `${path}/`.startsWith(`${join(folder, each)}/`))) {
      throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
    }
  };
  return checkReadOnly({ host, parents: host.parents() }, access).map(
    ({ code, message }) => `${code} ${message.replace(folder, 'ROOT')}`,
  );
}

it('tells of read-only mounts that changes will meet', () => {
  expect(found('sys', 'etc')).toEqual([
    'doctor-read-only ROOT/sys is mounted read-only: devices cannot be created, destroyed or updated',
    expect.stringMatching(
      /^doctor-read-only ROOT\/etc.* is mounted read-only: devices cannot be defined/u,
    ),
  ]);
  expect(found()).toEqual([]);
});

it('looks at what is there when a folder of ours is not yet', () => {
  expect(found('')).toHaveLength(4);
});
