import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DOCUMENT = `<domain type='kvm'>
  <name>vm1</name>
  <devices>
    <hostdv mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='0695d332-7831-493f-9e71-1c85c8911a08'/></source>
    </hostdv>
    <graphics type='vnc'/>
  </devices>
</domain>
`;

it('Neovim shows findings, offers what may come, and mends by a fix', () => {
  const folder = temporaryFolder();
  const [file, out] = [join(folder, 'vm.xml'), join(folder, 'answers.json')];
  writeFileSync(file, DOCUMENT);
  execFileSync(
    resolve('test/editors', 'neovim.sh'),
    ['--headless', '-u', 'NONE', '-i', 'NONE', '-n', file, '-c', 'luafile test/editors/client.lua'],
    {
      stdio: 'pipe',
      timeout: 100_000,
      env: { ...process.env, SERVER: resolve('dist/cli/bin.js'), OUT: out },
    },
  );
  const answers: unknown = JSON.parse(readFileSync(out, 'utf8'));
  expect(answers).toMatchObject({
    findings: [
      { code: 'domain-element-lost', line: 3, column: 4, severity: 1, source: 'virt-nodedev' },
    ],
    offered: expect.arrayContaining(['uuid']),
    fixes: ['Change to <hostdev>'],
    after: DOCUMENT.replaceAll('hostdv', 'hostdev').trimEnd().split('\n'),
    left: expect.arrayContaining(['mdev-not-active']),
  });
});
