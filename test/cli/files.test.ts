import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileError } from '../../src/cli/failures.ts';
import { readSource, replaceFile } from '../../src/cli/files.ts';
import type { Io } from '../../src/cli/io.ts';

let folder: string;
let io: Io;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-files-'));
  io = {
    stdout: () => undefined,
    stderr: () => undefined,
    stdin: () => Promise.resolve(Buffer.from('standard input')),
    env: {},
    interruption: () => new AbortController().signal,
    cwd: folder,
    connect: () => Promise.reject(new Error('unexpected')),
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('replaces the content, keeps the mode and leaves nothing else', async () => {
  const file = join(folder, 'a.xml');
  writeFileSync(file, 'old');
  chmodSync(file, 0o640);
  await replaceFile(io, 'a.xml', 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o7777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['a.xml']);
});

it('replaces the file a link points to, and keeps the link', async () => {
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub/a.xml'), 'old');
  symlinkSync('sub/a.xml', join(folder, 'link'));
  await replaceFile(io, 'link', 'new');
  expect(readFileSync(join(folder, 'sub/a.xml'), 'utf8')).toBe('new');
  expect(
    readdirSync(folder, { withFileTypes: true }).find((each) => each.isSymbolicLink())?.name,
  ).toBe('link');
});

it('leaves the old file and no other when it cannot be replaced', async () => {
  mkdirSync(join(folder, 'a.xml/b'), { recursive: true });
  await expect(replaceFile(io, 'a.xml', 'new')).rejects.toThrow(FileError);
  expect(readdirSync(folder)).toEqual(['a.xml']);
});

it("names the file it cannot read, in virsh's words", async () => {
  await expect(readSource(io, 'nofile.xml')).rejects.toThrow(
    "Failed to open file 'nofile.xml': No such file or directory",
  );
});

it('reads standard input for -', async () => {
  expect(await readSource(io, '-')).toEqual({
    text: Buffer.from('standard input'),
    file: '<stdin>',
  });
});
