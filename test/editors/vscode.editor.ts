import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const EXTENSION = 'editors/vscode';

interface Manifest {
  readonly main: string;
  readonly version: string;
  readonly contributes: { readonly configuration: { readonly properties: object } };
}

const read = (path: string): string => readFileSync(path, 'utf8');

it('the extension is packed with all it needs, and with nothing else', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'virt-nodedev.vsix');
  execFileSync('npm', ['run', '--silent', 'package:vscode', '--', '--out', file], {
    stdio: 'pipe',
  });
  execFileSync('unzip', ['-q', file, '-d', folder]);
  const files = execFileSync('find', ['.', '-type', 'f', '!', '-name', '*.vsix'], { cwd: folder });
  expect(files.toString().trim().split('\n').toSorted()).toEqual([
    './[Content_Types].xml',
    './extension.vsixmanifest',
    './extension/LICENSE.txt',
    './extension/dist/extension.js',
    './extension/dist/licenses.txt',
    './extension/package.json',
    './extension/readme.md',
  ]);

  const manifest: Manifest = JSON.parse(read(join(folder, 'extension/package.json')));
  const own: Manifest = JSON.parse(read('package.json'));
  const bundle = read(join(folder, 'extension', manifest.main));
  const required = [...bundle.matchAll(/\brequire\((["'`])([^"'`]+)\1\)/gu)].map(
    ([, , name]) => name,
  );
  const missing = required.filter(
    (name) => !builtinModules.includes(name?.replace(/^node:/u, '') ?? ''),
  );
  expect([...new Set(missing)]).toEqual(['vscode']);
  for (const name of ['activate', 'deactivate'])
    expect(bundle).toMatch(new RegExp(`exports\\.${name}\\s*=`, 'u'));

  const licences = read(join(folder, 'extension/dist/licenses.txt'));
  expect([...licences.matchAll(/^== (\S+) \((.*)\) ==$/gmu)].map(([, name]) => name)).toContain(
    'vscode-languageclient',
  );
  expect(licences).not.toContain('no licence named');
  expect(manifest.version).toBe(own.version);
  for (const name of Object.keys(manifest.contributes.configuration.properties)) {
    expect(read('docs/editors.md')).toContain(name);
    expect(read(join(EXTENSION, 'README.md'))).toContain(name);
  }
});
