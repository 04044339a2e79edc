import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { initSimulatedHost } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each([
  ['a profile of this package by its name', 'nvidia-t4'],
  ['the XML of a profile', readSampleProfile('nvidia-t4')],
])('makes a host from %s and connects to it', async (_, profile) => {
  const folder = join(temporaryFolder(), 'host');
  const manager = await initSimulatedHost(folder, profile);
  expect(manager.uri).toBe(`sim://${folder}`);
  const { items } = await manager.types();
  await manager.close();
  expect(items.map(({ id }) => id)).toContain('nvidia-222');
});

it('names the profiles there are when there is none of that name', async () => {
  const folder = join(temporaryFolder(), 'host');
  await expect(initSimulatedHost(folder, 'nvidia-t5')).rejects.toMatchObject({
    code: 'profile-invalid',
    hint: expect.stringContaining('nvidia-t4'),
  });
});
