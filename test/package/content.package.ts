import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

const folder = join(inject('project'), 'node_modules/virt-nodedev');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const description = readFileSync(join(folder, 'package.json'), 'utf8');

it('has every file that its package.json names', () => {
  const named = [...description.matchAll(/"(?:\.\/)?((?:dist|man|schemas)\/[^"*]+\.\w+)"/gu)].map(
    ([, file = '']) => file,
  );
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
});

it('has what the command reads, and nothing that only we need', () => {
  expect(files).toEqual(
    expect.arrayContaining(['schemas/domain.rng', 'samples/hosts/nvidia-m60.xml', 'LICENSE']),
  );
  expect(readFileSync(join(folder, 'dist/cli/licenses.txt'), 'utf8')).toContain(
    '== yargs (MIT) ==',
  );
  expect(files.filter((file) => /\.map$|^(?:src|test|bench|docs)\b/u.test(file))).toEqual([]);
});
