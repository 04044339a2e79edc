import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openParts } from '../../../src/engine/open.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const FOLDER = 'var/lib/virt-nodedev';
const OWNER = { kind: 'owner', group: 'g', owner: { name: 'vm1' } } as const;

/** A root with one record of the part about definitions. */
function rootWithRecord(): { readonly root: string; readonly file: string } {
  const root = temporaryFolder();
  const { persistent } = openParts(root);
  persistent.read(true);
  persistent.prepare(new Map([['owner/g', OWNER]])).keep();
  return { root, file: join(root, FOLDER, 'persistent.json') };
}

const ownerIn = (root: string): unknown => openParts(root).persistent.read(false).get('owner/g');

it('keeps records in a file a person can read, with its format and writer', () => {
  const { root, file } = rootWithRecord();
  expect(ownerIn(root)).toEqual(OWNER);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    format: 1,
    writer: expect.stringMatching(/^\d+\.\d+\.\d+/u),
    records: [OWNER],
  });
});

it.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['\0\0\0', 'is no JSON: '],
  ['{"format":1,"writer":"0","records":[', 'is no JSON: '],
  ['[]', 'is no store: '],
  ['{"format":1,"writer":"0"}', 'is no store: records: '],
  ['{"format":0,"writer":"0","records":[]}', 'is no store: format: '],
  ['{"format":1,"writer":"0","records":[],"more":1}', 'is no store: more: '],
  ['{"format":1,"writer":"0","records":[{"kind":"owner"}]}', 'is damaged: record 1: group: '],
  ['{"format":1,"writer":"0","records":[{"kind":"x"}]}', 'is damaged: record 1: kind: '],
])('names %j as damage, for who reads and who writes', (text, flaw) => {
  const { root, file } = rootWithRecord();
  writeFileSync(file, text);
  for (const forWriting of [false, true]) {
    expect(() => openParts(root).persistent.read(forWriting)).toThrow(
      expect.objectContaining({
        code: 'store-failed',
        message: expect.stringContaining(`${file} ${flaw}`),
        hint: expect.stringContaining('moved away'),
      }),
    );
  }
});

it('refuses a newer format with the version that reads it', () => {
  const { root, file } = rootWithRecord();
  writeFileSync(file, '{"format":2,"writer":"9.8.7","entries":{}}');
  expect(() => ownerIn(root)).toThrow(
    expect.objectContaining({
      code: 'store-failed',
      message: `${file} has format 2, and this version reads 1`,
      hint: expect.stringContaining('virt-nodedev 9.8.7'),
    }),
  );
});

it.each([true, false])('never ignores a store of the old form (beside a new one: %s)', (beside) => {
  const { root, file } = rootWithRecord();
  const old = join(root, FOLDER, 'persistent.mdb');
  if (beside) writeFileSync(old, 'LMDB');
  else renameSync(file, old);
  expect(() => ownerIn(root)).toThrow(
    expect.objectContaining({
      code: 'store-failed',
      message: `${old} is a store of an earlier version`,
      hint: expect.stringContaining('move it and its -lock file away'),
    }),
  );
});

it('sees what others write, also at once and of the same length', () => {
  const { root, file } = rootWithRecord();
  const { persistent } = openParts(root);
  const text = readFileSync(file, 'utf8');
  for (const name of ['vm2', 'vm3', 'vm4']) {
    // The same inode, length and, where the clock has not ticked, time.
    writeFileSync(file, text.replace('vm1', name));
    expect(persistent.read(false).get('owner/g')).toMatchObject({ owner: { name } });
  }
});

it('reads a file that stays as it is only once', () => {
  const { root, file } = rootWithRecord();
  const { persistent } = openParts(root);
  const past = new Date(Date.now() - 60_000);
  utimesSync(file, past, past);
  expect(persistent.read(false)).toBe(persistent.read(false));
});

it('undoes what was kept, and what was only prepared', () => {
  const { root, file } = rootWithRecord();
  const before = readFileSync(file, 'utf8');
  const { persistent, active } = openParts(root);
  for (const isKept of [false, true]) {
    persistent.read(true);
    const prepared = persistent.prepare(new Map([['owner/g', undefined]]));
    if (isKept) prepared.keep();
    prepared.undo();
    expect(readFileSync(file, 'utf8')).toBe(before);
  }
  mkdirSync(join(root, 'run'));
  active.read(true);
  const first = active.prepare(new Map([['boot', { kind: 'boot', bootId: 'b' } as const]]));
  first.keep();
  first.undo();
  expect(active.read(true).get('boot')).toBeUndefined();
});
