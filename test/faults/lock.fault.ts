import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { faultOperationOf } from './operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { prepare } from './outcome.ts';
import { buildProgram, type Ending, obstacle, runCommand } from './programs.ts';
import { count as keep, tell } from './settings.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 200);
const member = await buildProgram('lock-member');
const operation = await buildProgram('operation');

const OTHER_NAMESPACES = ['unshare', '--pid', '--net', '--fork'] as const;
const noNamespaces = await obstacle(OTHER_NAMESPACES[0], ...OTHER_NAMESPACES.slice(1), 'true');
if (noNamespaces !== undefined) tell(`a part of the lock's tests skipped: ${noNamespaces}`);

/** Runs members at once, and returns how often the lock was held, and how they ended. */
async function compete(
  members: number,
  rounds: number,
  risk: number,
  within: readonly string[] = [],
): Promise<{ readonly count: number; readonly endings: readonly Ending[] }> {
  const root = temporaryFolder({ inMemory: true });
  writeFileSync(join(root, 'counter'), '0');
  const [program, ...args] = [...within, process.execPath, member, root, `${rounds}`, `${risk}`];
  const endings = await Promise.all(
    Array.from({ length: members }, () => runCommand(program, args)),
  );
  return { count: Number(readFileSync(join(root, 'counter'), 'utf8')), endings };
}

it('20 processes have the lock one after the other', async () => {
  const { count, endings } = await compete(20, ROUNDS, 0);
  expect(endings.map(({ stderr }) => stderr).join('')).toBe('');
  expect(count).toBe(20 * ROUNDS);
  keep('lock', '20 processes', { 'times taken': count });
});

it('a lock whose holder, or one who waits for it, is killed goes to the next', async () => {
  const { endings } = await compete(20, ROUNDS, 0.02);
  expect(endings.map(({ stderr }) => stderr).join('')).toBe('');
  const killed = endings.filter(({ signal }) => signal === 'SIGKILL').length;
  expect(killed).toBeGreaterThan(0);
  expect(endings.filter(({ code, signal }) => code !== 0 && signal === null)).toEqual([]);
  keep('lock', '20 processes that may be killed', { killed });
});

it.skipIf(noNamespaces !== undefined)(
  'processes of other network and process namespaces wait for each other',
  async () => {
    const { count, endings } = await compete(3, 1000, 0, OTHER_NAMESPACES);
    expect(endings.map(({ code, stderr }) => [code, stderr])).toEqual(endings.map(() => [0, '']));
    expect(count).toBe(3000);
    keep('lock', '3 processes in namespaces of their own', { 'times taken': count });
  },
);

/** Damage to the store, by the bytes a file had before. */
const DAMAGE: Readonly<Record<string, (text: string) => string>> = {
  empty: () => '',
  'cut in the middle': (text) => text.slice(0, text.length / 2),
  'without its last byte': (text) => text.trimEnd().slice(0, -1),
  'zeros as long as it was': (text) => '\0'.repeat(text.length),
  'a newer one': (text) =>
    text.replace('"format":1,"writer":"0.1.0"', '"format":2,"writer":"9.8.7"'),
  'another shape': (text) => text.replace('"kind"', '"sort"'),
  'a list': () => '[]',
};

it.each(['run/virt-nodedev/active.json', 'var/lib/virt-nodedev/persistent.json'])(
  '%s that is damaged is named, changed by nothing, and harms no device',
  async (path) => {
    const folder = temporaryFolder({ inMemory: true });
    const { root } = await prepare(faultOperationOf('undefine'), folder);
    const file = join(root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    const whole = readFileSync(file, 'utf8');
    for (const [name, damage] of Object.entries(DAMAGE)) {
      writeFileSync(file, damage(whole));
      const { code, stderr } = await runCommand(process.execPath, [
        operation,
        `sim://${root}`,
        'undefine',
      ]);
      expect([name, code]).toEqual([name, 1]);
      expect(stderr).toContain(`NodedevError: ${file} `);
      expect(readFileSync(file, 'utf8')).toBe(damage(whole));
    }
    keep('damage', path, { named: Object.keys(DAMAGE).length });
  },
);
