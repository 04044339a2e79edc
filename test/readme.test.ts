import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../src/index.ts';
import { run } from './cli/run.ts';

/** Where the README's reader is. */
const SHOWN_FOLDER = '/tmp/demo';
const SAMPLES = [
  'vgpu.xml',
  'vgpu-second.xml',
  'vgpu-8q.xml',
  'domains/workstation.xml',
  'domains/invalid-vgpus.xml',
  'desired',
];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-readme-'));
  for (const name of SAMPLES) {
    cpSync(join('samples', name), join(folder, basename(name)), { recursive: true });
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a terminal shows after a command line of the README. */
async function outputOf(line: string, env: Record<string, string>): Promise<string> {
  const [program = '', ...words] = line.split(' ').map((word) => word.replaceAll("'", ''));
  if (program === 'export') {
    const [name = '', value = ''] = (words[0] ?? '').split('=');
    env[name] = value.replace(SHOWN_FOLDER, folder);
    return '';
  }
  if (program === 'unset') {
    delete env[words[0] ?? ''];
    return '';
  }
  if (program === 'cat') return readFileSync(join(folder, words[0] ?? ''), 'utf8');
  expect(program).toBe('virt-nodedev');
  const { stdout, stderr } = await run(words, {
    connect: (uri, report) => connect(uri, { report }),
    env,
    cwd: folder,
  });
  return `${stdout}${stderr}`.replaceAll(folder, SHOWN_FOLDER).replaceAll(/\n+$/gu, '\n');
}

// With UPDATE_README=1 the output in the README is written anew instead.
it('the README shows the output there really is', async () => {
  const readme = readFileSync('README.md', 'utf8');
  const env: Record<string, string> = {};
  let real = '';
  for (const part of readme.split(/(?<=^```console\n)(.*?)(?=^```$)/msu)) {
    if (!part.startsWith('$ ')) {
      real += part;
      continue;
    }
    for (const line of part.split('\n').filter((text) => text.startsWith('$ '))) {
      real += `${line}\n${await outputOf(line.slice(2), env)}`;
    }
  }
  if (process.env['UPDATE_README'] === '1') writeFileSync('README.md', real);
  expect(readFileSync('README.md', 'utf8')).toBe(real);
});
