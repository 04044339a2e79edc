import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Guest, INITRD, KERNEL, QEMU, started, virtNodedev } from './guest.ts';

const PAGE = resolve('docs/vm.md');
const SHOWN_FOLDER = '/tmp/demo';
const folder = mkdtempSync(join(tmpdir(), 'virt-nodedev-page-'));
let guest: Guest | undefined;

afterAll(async () => {
  await guest?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** What stands for the reader's files. */
const REAL: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': QEMU,
  vmlinux: KERNEL,
  'vm.gz': INITRD,
};

const shown = (text: string): string =>
  text
    .replaceAll(folder, SHOWN_FOLDER)
    .replaceAll(/\((?:ld-linux|qemu)[^,]*, pid \d+\)/gu, '(qemu-system-x86, pid 4711)')
    .replaceAll(/\n+$/gu, '\n');

/** What a line of the page prints. */
async function outputOf(line: string): Promise<string> {
  const [, inGuest] = /^guest# (.*)$/u.exec(line) ?? [];
  if (inGuest !== undefined) return (await guest?.run(inGuest)) ?? '';
  const words = line
    .slice('$ virt-nodedev '.length)
    .split(' ')
    .map((word) => REAL[word] ?? word);
  if (line.startsWith('$ export ')) return '';
  const uri = words[1] === 'init' ? [] : ['-c', `sim://${folder}/host`];
  if (!words.includes('--qemu')) {
    const { stdout, stderr } = await virtNodedev(...uri, ...words);
    return `${stdout}${stderr}`;
  }
  guest = await started([...uri, ...words]);
  return 'READY\n';
}

it('shows the output there really is', async () => {
  process.chdir(folder);
  const page = readFileSync(PAGE, 'utf8');
  for (const [, name = '', text = ''] of page.matchAll(/^```xml\n<!-- (\S+) -->\n(.*?)^```$/gmsu)) {
    writeFileSync(join(folder, name), text);
  }
  const [block = ''] = /(?<=^```text\n).*?(?=^```$)/msu.exec(page) ?? [];
  let real = '';
  for (const line of block.split('\n').filter((each) => /^(?:\$|guest#) /u.test(each))) {
    real += `${line}\n${shown(await outputOf(line))}`;
  }
  const written = page.replace(block, () => real);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, written);
  expect(readFileSync(PAGE, 'utf8')).toBe(written);
});
