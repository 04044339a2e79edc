import { relative, resolve } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { beforeAll, expect, it } from 'vitest';
import config from '../rolldown.config.ts';

/** The files of the command as it is built, in memory. */
let chunks: readonly OutputChunk[];

beforeAll(async () => {
  const bundle = await rolldown(config);
  const { output } = await bundle.generate([config.output ?? {}].flat()[0]);
  chunks = output.filter((file) => file.type === 'chunk');
  await bundle.close();
});

/** The modules that Node loads when the command is started and loads these further ones. */
function loadedWith(...modules: readonly string[]): readonly string[] {
  const loaded = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined): void => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const name of chunk.imports) load(chunks.find(({ fileName }) => fileName === name));
  };
  for (const module of ['src/cli/bin.ts', ...modules]) {
    const chunk = chunks.find(({ moduleIds }) => moduleIds.includes(resolve(module)));
    expect(chunk, `${module} is in the command`).toBeDefined();
    load(chunk);
  }
  const own = [...loaded].flatMap(({ moduleIds }) => moduleIds.map((id) => relative('', id)));
  const packages = [...loaded].flatMap(({ imports }) =>
    imports.filter((name) => !chunks.some(({ fileName }) => fileName === name)),
  );
  return [...own, ...packages.filter((name) => !name.startsWith('node:'))];
}

const BELOW = /^src\/(?:domain|drivers|engine|host|nodedev|pictures|plan|relaxng|xml)\//u;

it.each([
  ['a wrong command line', []],
  ['--version', ['src/cli/version.ts']],
  ['--help', ['src/cli/help.ts']],
  ['help of a command that needs a host', ['src/cli/help.ts', 'src/cli/commands/recover.ts']],
])('%s loads nothing below the command', (_, modules) => {
  expect(loadedWith(...modules).filter((id) => BELOW.test(id))).toEqual([]);
});

it.each([
  ['list', ['src/cli/commands/list.ts', 'src/remote/connect.ts']],
  ['types', ['src/cli/commands/types.ts', 'src/remote/connect.ts']],
])('%s loads no XML library', (_, modules) => {
  const loaded = loadedWith(...modules);
  expect(loaded).toContain('src/engine/open.ts');
  expect(loaded.filter((id) => /xml/iu.test(id) && !id.startsWith('src/'))).toEqual([]);
});

it('creating loads no schema, checking nothing that writes, draws or scans', () => {
  const creating = loadedWith('src/cli/commands/create.ts', 'src/remote/connect.ts');
  expect(creating.filter((id) => id.startsWith('src/relaxng/'))).toEqual([]);
  const checking = loadedWith('src/cli/commands/validate.ts');
  expect(checking).toContain('src/relaxng/schema.ts');
  const unused = /^src\/(?:pictures\/|xml\/write|domain\/text-edit|cli\/git-ignore)|xmlbuilder2/u;
  expect(checking).toContain('src/domain/rules/qemu-set.ts');
  expect(checking.filter((id) => unused.test(id))).toEqual([]);
});
