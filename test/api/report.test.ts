import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { apiReport } from './report.ts';

it('the API is the one in index.d.txt and documents.d.txt; for a change of it: npx vitest run test/api -u', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const flags = ['--emitDeclarationOnly', '--outDir', folder];
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', ...flags]);
  const [index, documents] = ['index.d.ts', 'documents.d.ts'].map((door) => join(folder, door));
  await expect(`${apiReport(documents ?? '', undefined)}\n`).toMatchFileSnapshot('documents.d.txt');
  await expect(`${apiReport(index ?? '', documents)}\n`).toMatchFileSnapshot('index.d.txt');
});
