import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MAX_OWN_FILE_BYTES, readFolder } from '../src/bounded-read.ts';
import { journalFiles } from '../src/engine/journal/journal-files.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

it('a folder is listed up to its limit, and no further', () => {
  const folder = temporaryFolder();
  for (const name of ['c', 'a', 'b']) writeFileSync(join(folder, name), '');
  expect(readFolder(folder, 3).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(() => readFolder(folder, 2)).toThrow(
    expect.objectContaining({ code: 'E2BIG', message: 'more than 2 entries' }),
  );
  expect(() => readFolder(join(folder, 'd'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

it('a journal entry that is too large is refused by its name, and takes no memory', () => {
  const root = temporaryFolder();
  const entry = join(root, 'journal/aa.json');
  mkdirSync(join(root, 'journal'));
  writeFileSync(entry, '');
  truncateSync(entry, 64 * MAX_OWN_FILE_BYTES);
  const before = process.memoryUsage().rss;
  expect(() => journalFiles(root, 'journal').entries()).toThrow(
    expect.objectContaining({ code: 'store-failed', message: expect.stringContaining(entry) }),
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(3 * MAX_OWN_FILE_BYTES);
});
