import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { operationOf } from '../engine/journal/operations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyHost, outcomeOf, prepare, refuseForgotten, unrecoveredOutcomeOf } from './outcome.ts';
import { buildProgram, type Ending, runCommand } from './programs.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 200);
const member = await buildProgram('lock-member');
const operation = await buildProgram('operation');

const tell = (line: string): unknown => process.stdout.write(`${line}\n`);

/** Why a program cannot run here; undefined: it can. */
async function obstacle(program: string, ...args: readonly string[]): Promise<string | undefined> {
  const { code, stderr } = await runCommand(program, args).catch((error: unknown) => ({
    code: 1,
    stderr: String(error),
  }));
  return code === 0 ? undefined : `${program}: ${stderr.trim()}`;
}

const OTHER_NAMESPACES = ['unshare', '--pid', '--net', '--fork'] as const;
const noNamespaces = await obstacle(OTHER_NAMESPACES[0], ...OTHER_NAMESPACES.slice(1), 'true');
const noStrace = await obstacle('strace', '-o', '/dev/null', 'true');
for (const reason of [noNamespaces, noStrace]) {
  if (reason !== undefined) tell(`a part of the lock's tests skipped: ${reason}`);
}

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
  tell(`20 processes, ${count} times the lock: one at a time`);
});

it('a lock whose holder, or one who waits for it, is killed goes to the next', async () => {
  const { endings } = await compete(20, ROUNDS, 0.02);
  expect(endings.map(({ stderr }) => stderr).join('')).toBe('');
  const killed = endings.filter(({ signal }) => signal === 'SIGKILL').length;
  expect(killed).toBeGreaterThan(0);
  expect(endings.filter(({ code, signal }) => code !== 0 && signal === null)).toEqual([]);
  tell(`20 processes, ${killed} killed while they took or held the lock: the others had it`);
});

it.skipIf(noNamespaces !== undefined)(
  'processes of other network and process namespaces wait for each other',
  async () => {
    const { count, endings } = await compete(3, 1000, 0, OTHER_NAMESPACES);
    expect(endings.map(({ code, stderr }) => [code, stderr])).toEqual(endings.map(() => [0, '']));
    expect(count).toBe(3000);
    tell('3 processes in namespaces of their own, 3000 times the lock: one at a time');
  },
);

/** The native calls of the lock, and how many of each there are at least. */
const CALLS = ['socket', 'bind', 'listen', 'connect'];

it.skipIf(noStrace !== undefined).each(['EMFILE', 'ENOSPC', 'EACCES', 'EIO', 'kill'])(
  'a lock of which a native call meets %s leaves nothing, and says why',
  async (fault) => {
    const folder = temporaryFolder();
    const prepared = await prepare(operationOf('destroy'), folder);
    const copy = join(folder, 'copy');
    let faults = 0;
    for (const call of CALLS) {
      for (const ordinal of [1, 2]) {
        rmSync(copy, { recursive: true, force: true });
        copyHost(prepared.root, copy);
        const log = join(folder, 'log');
        const what = fault === 'kill' ? 'signal=KILL' : `error=${fault}`;
        const inject = `inject=${call}:${what}:when=${ordinal}`;
        const args = ['-f', '-qq', '-o', log, '-e', `trace=${CALLS.join()}`, '-e', inject];
        const command = [...args, process.execPath, operation, `sim://${copy}`, 'destroy'];
        const { stderr } = await runCommand('strace', command);
        const hit = /INJECTED|killed by SIGKILL/u.test(readFileSync(log, 'utf8'));
        if (!hit) continue;
        faults += 1;
        const look = fault === 'kill' ? outcomeOf : unrecoveredOutcomeOf;
        const outcome = await look(prepared, copy);
        const isNamed = new RegExp(`NodedevError: cannot .*/lock.*${fault}`, 'u').test(stderr);
        refuseForgotten(copy);
        if (outcome !== 'nothing' || isNamed === (fault === 'kill')) {
          throw new Error(`${call} ${ordinal}: ${outcome}, told ${stderr}`);
        }
      }
    }
    tell(`${fault} at ${faults} native calls of the lock: nothing ${faults}, part 0`);
    expect(faults).toBeGreaterThanOrEqual(4);
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
    const { root } = await prepare(operationOf('undefine'), folder);
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
  },
);
