import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { connect, initSimulatedHost, readSampleProfile } from '../../src/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { buildProgram } from './programs.ts';

const PROCESSES = 20;
/** The issue is settled by few; ROUNDS=200 for a night. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 10);

/** Reads lines of method and document, and answers each with `ok` or an error's code. */
const program = await buildProgram(
  'race',
  `
  import { createInterface } from 'node:readline';
  const manager = await connect(argv[0]);
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const { method, xml } = JSON.parse(line);
    console.log(await manager[method](xml).then(() => 'ok', (error) => error.code ?? String(error)));
  }
  await manager.close();
`,
);

/** 20 processes on one host, which all do the same thing at once. */
async function crowd(root: string) {
  const members = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, [program, `sim://${root}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const answer = async (): Promise<string> => String((await lines.next()).value);
    return { child, answer };
  });
  const answers = (): Promise<string[]> => Promise.all(members.map(({ answer }) => answer()));
  await answers();
  return {
    ask: (method: 'create' | 'define', xml: string): Promise<string[]> => {
      for (const { child } of members) child.stdin.write(`${JSON.stringify({ method, xml })}\n`);
      return answers();
    },
    end: () => members.forEach(({ child }) => child.stdin.end()),
  };
}

const documentOf = (type: string, uuid = ''): string =>
  `<device><parent>pci_0000_86_00_0</parent><capability type='mdev'><type id='${type}'/>${uuid}</capability></device>`;

it.each([
  [
    'create',
    'one device',
    documentOf('nvidia-18', '<uuid>00000000-0000-4000-8000-000000000001</uuid>'),
  ],
  [
    'define',
    'one definition',
    documentOf('nvidia-18', '<uuid>00000000-0000-4000-8000-000000000001</uuid>'),
  ],
  ['create', 'the last instance', documentOf('nvidia-22')],
] as const)('of 20 processes that %s %s, exactly one wins', async (method, what, xml) => {
  const root = join(temporaryFolder(), 'host');
  initSimulatedHost(root, readSampleProfile('nvidia-m60'));
  const manager = await connect(`sim://${root}`);
  const { ask, end } = await crowd(root);
  for (let round = 0; round < ROUNDS; round++) {
    const answers = await ask(method, xml);
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
    expect(new Set(answers)).toEqual(new Set(['ok', LOSERS[what]]));
    const { items, problems } = await manager.list({ capabilities: ['mdev'], state: 'all' });
    expect([items.length, problems]).toEqual([1, []]);
    expect(await manager.groups()).toHaveLength(1);
    const names = items.map(({ name }) => name);
    await (method === 'define' ? manager.undefine(names) : manager.destroy(names));
  }
  end();
  await manager.close();
  process.stdout.write(
    `${method} ${what}: ${PROCESSES} processes, ${ROUNDS} rounds, one winner each\n`,
  );
});

const LOSERS = {
  'one device': 'uuid-exists',
  'one definition': 'device-defined',
  'the last instance': 'no-instances',
};
