import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/index.ts';
import { run } from '../../cli/run.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Golden } from './case.ts';
import { cases, inputs, leftOut, scripts, unread } from './cases.ts';
import { BUS, defined, makeHost, offer, sources, testdata } from './host.ts';

/** What a line is answered with. Scripts write into the folder where it is run. */
async function answer(host: string, line: string) {
  const before = process.cwd();
  process.chdir(host);
  onTestFinished(() => {
    process.chdir(before);
  });
  const words = line.split(' ').map((word) => word.replace('DATA', testdata));
  const { code, stdout, stderr } = await run(['-c', `sim://${host}`, 'mdevctl', ...words], {
    connect,
  });
  const said = stderr.split('\n').find((each) => each.startsWith('Error: '));
  return { code, stdout, said };
}

/** The one definition of this line's device. */
function definitionOn(host: string, line: string): string {
  const [, uuid = ''] = /-u (\S+)/u.exec(line) ?? [];
  const [, parent = ''] = /-p (\S+)/u.exec(line) ?? [];
  const folder = join(host, 'etc/mdevctl.d', parent);
  const [name = ''] = uuid === '' ? readdirSync(folder) : [uuid];
  return readFileSync(join(folder, name), 'utf8');
}

async function given(host: string, line: string, { of, words = '' }: Golden): Promise<string> {
  if (of === 'definition') return definitionOn(host, line);
  if (of === 'stdout') return (await answer(host, `${line} ${words}`.trim())).stdout;
  const [, uuid = ''] = /-u (\S+)/u.exec(line) ?? [];
  return (await answer(host, `list -u ${uuid} --dumpjson`)).stdout;
}

/** The line in its words: `ok`, `refused`, or the sentence of a case that says one. */
function outcomeOf({ code, said }: Awaited<ReturnType<typeof answer>>, wanted: string): string {
  if (code === 0) return 'ok';
  return ['ok', 'refused'].includes(wanted) ? 'refused' : (said?.replace('Error: ', '') ?? '');
}

describe('as the tests of mdevctl say', () => {
  it.each(cases)('$name', async ({ name, tree, line, outcome, goldens, differs }) => {
    const host = join(temporaryFolder({ inMemory: true }), 'host');
    makeHost(host, tree);
    const first = await answer(host, line);
    const wanted = differs === undefined ? outcome : 'refused';
    expect(outcomeOf(first, wanted)).toBe(wanted);
    // Its tests of scripts do that after each refusal.
    const isForced = name.startsWith('test_invoke_callout') && outcome === 'refused';
    const forced = isForced ? await answer(host, `${line} --force`) : undefined;
    expect(forced?.code ?? 0).toBe(0);
    for (const golden of differs === undefined ? goldens : []) {
      const text = readFileSync(join(testdata, golden.file), 'utf8');
      expect([golden.file, await given(host, line, golden)]).toEqual([golden.file, text]);
    }
  });
});

it('as its test of names that are no uuid says', async () => {
  const host = join(temporaryFolder({ inMemory: true }), 'host');
  const [name, parent] = ['invalid-uuid-value', '0000:00:03.0'];
  makeHost(host, [
    offer(parent, 'arbitrary_type'),
    defined(name, parent, 'invalid-files/device.json'),
  ]);
  mkdirSync(join(host, BUS, parent, name));
  symlinkSync(
    `../../../devices/virtual/upstream/${parent}/${name}`,
    join(host, 'sys/bus/mdev/devices', name),
  );
  for (const line of ['list', 'list -d']) {
    expect(await answer(host, line)).toMatchObject({ code: 0, stdout: '' });
  }
});

/** The tests in its source: `FUNCTION NAME`, once each. */
function testsOfIts(): readonly string[] {
  const folder = join(sources, 'src/tests');
  const found = readdirSync(folder).flatMap((file) =>
    [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /(test_\w+)\(\s*(?:&test,\s*)?"([^"]+)"/gu,
      ),
    ].map(([, upstream, name]) => `${upstream} ${name}`),
  );
  return [...new Set(found)];
}

describe('nothing is left out', () => {
  it('each test of it is here, or why it is not', () => {
    const here = new Set([...cases.map(({ name }) => name), ...Object.keys(leftOut)]);
    expect([...here].toSorted()).toEqual(testsOfIts().toSorted());
    expect(here.size).toBe(204);
  });

  it('each file of its test data is compared, or not because this program refuses, or read by no test of it', () => {
    const files = readdirSync(testdata, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(testdata, join(entry.parentPath, entry.name)));
    const of = (differ: boolean): readonly string[] =>
      cases
        .filter(({ differs }) => (differs !== undefined) === differ)
        .flatMap(({ goldens }) => goldens.map(({ file }) => file));
    const known = [...of(false), ...of(true), ...inputs, ...scripts, ...unread];
    expect([...new Set(known)].toSorted()).toEqual(files.toSorted());
    expect([of(false).length, of(true).length]).toEqual([122, 3]);
  });
});
