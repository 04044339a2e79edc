import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { diskKv } from '../../../src/engine/store/disk-kv.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A file with this content where a store would be. */
function fileWith(content: string): string {
  const file = join(temporaryFolder(), 'x.mdb');
  writeFileSync(file, content);
  return file;
}

const placeOf = (file: string): [root: string, path: string] => [dirname(file), basename(file)];

it('takes an empty file, which another process is only making a store of, for an empty store', async () => {
  const source = diskKv<number>(...placeOf(fileWith('')));
  expect((await source.forReading()).read((reader) => reader.get('a'))).toBeUndefined();
  const store = await source.forWriting();
  store.write((writer) => {
    writer.put('a', 1);
  });
  expect(store.read((reader) => reader.get('a'))).toBe(1);
  await source.close();
});

it.each(['short', 'no store at all\n'.repeat(1000)])(
  'refuses a file that is no store',
  async (text) => {
    const file = fileWith(text);
    const refusal = { code: 'store-failed', message: `cannot open ${file}: it is no LMDB file` };
    await expect(diskKv(...placeOf(file)).forReading()).rejects.toMatchObject(refusal);
    await expect(diskKv(...placeOf(file)).forWriting()).rejects.toMatchObject(refusal);
  },
);
