import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect } from '../../../src/index.ts';
import { run } from '../run.ts';
import type { Scenario } from './scenarios.ts';

/** What a line was answered with. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the real mdevctl 1.4 answered: never written by this package's own answers. */
export const goldenFile = ({ name }: Scenario): string =>
  join(import.meta.dirname, 'golden', `${name.replaceAll(' ', '-')}.txt`);

/** The place of definitions, and of a scenario's files. */
export const folderOf = (host: string): string => join(host, 'etc/mdevctl.d');

/** Writes a scenario's files on a new host. */
export function placeFiles(host: string, { files = {} }: Scenario): void {
  mkdirSync(folderOf(host), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(folderOf(host), name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (text.startsWith('#!')) chmodSync(path, 0o755);
  }
}

/** A line without its mark. */
export const bare = (line: string): string => line.replace(/^[~4]+/u, '');

/** The words of a line. */
export const wordsOf = (line: string): readonly string[] =>
  bare(line)
    .split(' ')
    .map((word) => word.replaceAll('\\x20', ' '));

/** Runs the lines by this package's command. */
export async function ourAnswers(host: string, lines: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const line of lines) {
    const words = ['-c', `sim://${host}`, 'mdevctl', ...wordsOf(line)];
    answers.push(await run(words, { connect, cwd: folderOf(host) }));
  }
  return answers;
}

/** A uuid that the program made. */
const RANDOM =
  /\b(?!ffffffff)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/gu;

/**
 * What a terminal would show of each line, with the exit code, and then every definition. Of what goes to standard error, the
 * first line counts, and that not where words may differ.
 */
export function transcript(
  host: string,
  lines: readonly string[],
  answers: readonly Answer[],
): string {
  const shown = lines.map((line, index) => {
    const { code, stdout, stderr } = answers[index] ?? { code: -1, stdout: '', stderr: '' };
    const isOurWords = line.startsWith('~');
    const [first = ''] = isOurWords ? [] : stderr.split('\n');
    const failed = isOurWords && code !== 0 ? 'not 0' : code;
    const said = first.startsWith('Error: ') ? `${first}\n` : '';
    return `$ mdevctl ${bare(line)}\n${stdout}${said}[${failed}]\n`;
  });
  return (shown.join('') + definitionsBelow(folderOf(host))).replaceAll(RANDOM, 'RANDOM-UUID');
}

function definitionsBelow(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'scripts.d')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name }) =>
      readdirSync(join(folder, name))
        .toSorted()
        .map((file) => `== ${name}/${file}\n${readFileSync(join(folder, name, file), 'utf8')}\n`),
    )
    .join('');
}
