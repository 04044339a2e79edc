import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, inject, it } from 'vitest';
import { DOCUMENTS_PROGRAM } from './sample.ts';

const project = inject('project');

const USE = `import { connect, type ErrorCode, type Issue, type ListFilter } from 'virt-nodedev';
export async function codes(): Promise<Issue['code'][]> {
  const filter: ListFilter = { capabilities: ['mdev', 'pci'], state: 'all' };
  const manager = await connect();
  const { problems } = await manager.list(filter);
  const known: ErrorCode = 'in-use';
  return [known, ...problems.map(({ code }) => code)];
}
// @ts-expect-error: no such capability
export const wrong: ListFilter = { capabilities: ['mdv'] };
// @ts-expect-error: no such code
export const alsoWrong: Issue['code'] = 'in-us';
`;

it.each([
  ['an ES module', 'use.ts', USE, { types: ['node'] }],
  ['a CommonJS module', 'use.cts', USE, { types: ['node'] }],
  [
    'a module a bundler resolves',
    'use.ts',
    USE,
    { types: ['node'], module: 'esnext', moduleResolution: 'bundler' },
  ],
  ['documents, without the types of Node', 'use.ts', DOCUMENTS_PROGRAM, { types: [] }],
  [
    'documents, in a browser',
    'use.ts',
    DOCUMENTS_PROGRAM,
    { types: [], lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
  ],
])('type-checks as %s', (name, file, text, options) => {
  const folder = join(project, name.replaceAll(/\W+/gu, '-'));
  mkdirSync(folder, { recursive: true });
  const own = options.types.length === 0 && !('lib' in options) ? NO_DOM : '';
  writeFileSync(join(folder, file), `${own}${text}`);
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    ...options,
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*'] }));
  const { stdout } = spawnSync(resolve('node_modules/.bin/tsc'), ['-p', folder], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});

/** The program itself needs it; ES2023 has none. */
const NO_DOM = 'declare class TextEncoder { encode(text: string): Uint8Array }\n';
