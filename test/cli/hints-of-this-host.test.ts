import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { run } from './run.ts';

it.each(['nvidia-m60', 'kernel-samples', 'intel-gvtg', 's390-ccw-ap'])(
  'on %s, the hint for a device without a parent names one that takes it',
  async (profile) => {
    const host = await connect(`test:///${profile}`);
    const { items } = await host.types();
    const type = items.find(({ availableInstances }) => availableInstances > 0)?.id ?? '';
    const create = async (words: readonly string[]) =>
      run(['create', '--type', type, ...words], {
        connect: () => Promise.resolve({ ...host, close: () => Promise.resolve() }),
      });
    const { code, stderr } = await create([]);
    expect(code).toBe(1);
    const named = /^hint: name what offers '.*' as its parent: (\w+)/mu.exec(stderr)?.[1] ?? '';
    expect(await create(['--parent', named])).toMatchObject({ code: 0 });
    await host.close();
  },
);

it.each([
  [['create', '--type', 'nvidia-18x'], "nothing here offers 'nvidia-18x'"],
  [['predict', 'a*b*c'], '`virt-nodedev types` lists types and parents'],
  [['place', 'mtty-2*2@mtty_mtty'], 'write mtty-2*2\n'],
])('%j has no example of another host', async (words, hint) => {
  const { stderr } = await run(words, { connect: () => connect('test:///kernel-samples') });
  expect(stderr).toContain(hint);
  expect(stderr.split('hint:')[1]).not.toMatch(/pci_0000|nvidia-\d+[^\dx]/u);
});

/** Examples of command lines, of documents and of vendors' types are not about a host. */
const EXAMPLES = /^(?:drivers\/|cli\/commands\/|cli\/help\.ts|engine\/validate\/examples\/)/u;
const COMMENT = /^\s*(?:\*|\/\/|\/\*)/u;

it('no sentence has the name of a device or a type in it', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !EXAMPLES.test(file))
    .map((file) => [file, readFileSync(join('src', file), 'utf8')] as const);
  const found = files.flatMap(([file, text]) =>
    text
      .split('\n')
      .filter((line) => !COMMENT.test(line) && !line.includes('/**'))
      .filter((line) => /nvidia-\d|pci_\d{4}_|mtty-\d/u.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
