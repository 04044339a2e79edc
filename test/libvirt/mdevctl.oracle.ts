import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeSimulatedHost } from '../../src/host/simulated/init.ts';
import { scenarios } from '../cli/mdevctl/scenarios.ts';
import {
  type Answer,
  goldenFile,
  ourAnswers,
  placeFiles,
  transcript,
  wordsOf,
} from '../cli/mdevctl/transcript.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { debian, debianRoot } from './debian.ts';

const BIN = join(import.meta.dirname, '../../dist/cli/bin.js');
const SCRIPT = join(import.meta.dirname, 'mounted.sh');
const version = debian('mdevctl', '--version').trim();
const isReference = version === 'mdevctl 1.4.0';

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build']);
}, 120_000);

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** What this release's mdevctl answers, on a simulated host that is the machine. 1.2 ends each list with one more line end. */
function realAnswers(host: string, lines: readonly string[]): Answer[] {
  const program = lines.map(
    (line) =>
      `mdevctl ${wordsOf(line).map(quoted).join(' ')} >/tmp/out 2>/tmp/err </dev/null; printf '%s\\001' $?; cat /tmp/out; printf '\\001'; cat /tmp/err; printf '\\002'`,
  );
  const script = ['cd /etc/mdevctl.d', 'mount -t tmpfs tmpfs /tmp', ...program].join('\n');
  const words = ['sim', 'run', host, '--', SCRIPT, debianRoot(), script];
  const all = execFileSync(process.execPath, [BIN, ...words], { encoding: 'utf8' });
  return all
    .split('\u0002')
    .slice(0, -1)
    .map((part, index) => {
      const [code, stdout = '', stderr = ''] = part.split('\u0001');
      const isList = /^(?:list|types)\b/u.test(lines[index] ?? '');
      const isEnded = isReference || !isList || !stdout.endsWith('\n');
      return { code: Number(code), stdout: isEnded ? stdout : stdout.slice(0, -1), stderr };
    });
}

describe(`as ${version}`, () => {
  it.each(scenarios)('$name', async (scenario) => {
    const lines = scenario.lines.filter((line) => isReference || !/^~?4/u.test(line));
    const folder = temporaryFolder();
    const [real, ours] = [join(folder, 'real'), join(folder, 'ours')] as const;
    for (const host of [real, ours]) {
      makeSimulatedHost(host, scenario.profile);
      placeFiles(host, scenario);
    }
    const expected = transcript(real, lines, realAnswers(real, lines));
    expect(transcript(ours, lines, await ourAnswers(ours, lines))).toBe(expected);
    if (!isReference) return;
    const golden = goldenFile(scenario);
    if (process.env['UPDATE_MDEVCTL'] !== undefined) writeFileSync(golden, expected);
    expect(readFileSync(golden, 'utf8')).toBe(expected);
  });
});
