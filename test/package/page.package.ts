import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, inject, it } from 'vitest';

const project = inject('project');
const page = readFileSync('docs/developer.md', 'utf8');
const blockIn = (pattern: RegExp): string => {
  const [, block = ''] = pattern.exec(page) ?? [];
  expect(block).toContain('validateDocument');
  return block;
};
const SAYS = /^3: .*device/u;

it("the developer's page is right about CommonJS", () => {
  writeFileSync(join(project, 'page.cjs'), blockIn(/```js\n(.*?)```/su));
  const printed = execFileSync(process.execPath, ['page.cjs'], { cwd: project, encoding: 'utf8' });
  expect(printed).toMatch(SAYS);
});

it('and about browsers', async () => {
  const entry = join(project, 'page.js');
  const target = join(project, 'bundles/page.js');
  writeFileSync(entry, blockIn(/<script type="module">\n(.*?)<\/script>/su));
  await build({
    entryPoints: [entry],
    outfile: target,
    bundle: true,
    format: 'iife',
    logLevel: 'silent',
  });
  // What is in every browser, and not in the language.
  const document = { body: { textContent: '' } };
  runInNewContext(readFileSync(target, 'utf8'), { TextDecoder, TextEncoder, URL, document });
  expect(document.body.textContent).toMatch(SAYS);
});
