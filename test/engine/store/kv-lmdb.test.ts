import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskKv } from '../../../src/engine/store/disk-kv.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A store with one entry that has been written again and again. */
async function storeFile(): Promise<string> {
  const root = temporaryFolder();
  const source = diskKv<string>(root, 'run/a.mdb');
  const kv = await source.forWriting();
  for (const value of ['1', '2', '3']) {
    kv.write((writer) => {
      writer.put('a/key', value);
    });
  }
  await source.close();
  return join(root, 'run/a.mdb');
}

it('refuses a file that was cut off, which would crash the process', async () => {
  const whole = await storeFile();
  const { size } = statSync(whole);
  for (const length of [1, 20, 100, 4096, 5000, 8191, 8192, size - 4096]) {
    const root = temporaryFolder();
    copyFileSync(whole, join(root, 'a.mdb'));
    truncateSync(join(root, 'a.mdb'), length);
    const source = diskKv<string>(root, 'a.mdb');
    const refused = { code: 'store-failed', hint: expect.stringContaining('moved away') };
    await expect(source.forReading(), `${length} bytes`).rejects.toMatchObject(refused);
    await expect(source.forWriting(), `${length} bytes`).rejects.toMatchObject(refused);
  }
});

it('opens a whole one, and makes a store of an empty one', async () => {
  const whole = await storeFile();
  const empty = join(temporaryFolder(), 'run/a.mdb');
  const root = temporaryFolder();
  writeFileSync(join(root, 'a.mdb'), '');
  const values = [];
  for (const source of [
    diskKv<string>(join(whole, '../..'), 'run/a.mdb'),
    diskKv<string>(root, 'a.mdb'),
    diskKv<string>(join(empty, '../..'), 'run/a.mdb'),
  ]) {
    const kv = await source.forWriting();
    values.push(kv.read((reader) => reader.get('a/key')));
    await source.close();
  }
  expect(values).toEqual(['3', undefined, undefined]);
});

it('tells of a value that is damaged as of a broken file, not as of a defect', async () => {
  const whole = await storeFile();
  const bytes = readFileSync(whole);
  for (let at = bytes.indexOf('"3"'); at >= 0; at = bytes.indexOf('"3"')) bytes.write('{3{', at);
  const root = temporaryFolder();
  writeFileSync(join(root, 'a.mdb'), bytes);
  const kv = await diskKv<string>(root, 'a.mdb').forReading();
  const refused = { code: 'store-failed', hint: expect.stringContaining('moved away') };
  expect(() => kv.read((reader) => reader.get('a/key'))).toThrow(expect.objectContaining(refused));
  expect(() => kv.read((reader) => reader.range('a/'))).toThrow(expect.objectContaining(refused));
});
