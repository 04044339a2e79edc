import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { environment, manPage } from '../../man/man-page.ts';

const FILE = 'man/virt-nodedev.1';

it('the man page is what the tables of the command say', async () => {
  const page = await manPage();
  if (process.env['UPDATE_MAN'] === '1') writeFileSync(FILE, page);
  expect(readFileSync(FILE, 'utf8'), '`npm run man` writes it').toBe(page);
});

it('names every variable of the environment that the command reads', () => {
  const sources = readdirSync('src/cli', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join('src/cli', name), 'utf8'));
  const read = sources.flatMap((text) =>
    [...text.matchAll(/\benv\['(\w+)'\]/gu)].map(([, name]) => name),
  );
  const named = environment.flatMap(([names]) => names.split(', '));
  expect(new Set(read)).toEqual(new Set(named));
});
