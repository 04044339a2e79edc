import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { apiReport } from './report.ts';

it('the API is the one in index.d.txt, documents.d.txt and fleet.d.txt; for a change of it: npx vitest run test/api -u', async () => {
  const folder = temporaryFolder({ inMemory: true });
  const flags = ['--emitDeclarationOnly', '--outDir', folder];
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', ...flags]);
  const [index, documents, fleet] = ['index', 'documents', 'fleet'].map((door) =>
    join(folder, `${door}.d.ts`),
  );
  await expect(`${apiReport(documents ?? '', undefined)}\n`).toMatchFileSnapshot('documents.d.txt');
  await expect(`${apiReport(index ?? '', documents)}\n`).toMatchFileSnapshot('index.d.txt');
  await expect(`${apiReport(fleet ?? '', index)}\n`).toMatchFileSnapshot('fleet.d.txt');
});
