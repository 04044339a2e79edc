import { readFileSync } from 'node:fs';

/** What came of each case, a line each; of the same case the last line counts. */
export const COUNTS = 'test/faults/counts.jsonl';

/** The rows of the table: what is done, and how. */
const ROWS = {
  fail: [
    'one file-system call fails',
    'each that changes something, every 20th other, one of seven errnos in turn (by hand: every one, each errno); half of a write may have happened; what is said to be done is what is found',
  ],
  die: [
    'crash at file-system calls',
    'in process, at every 4th that changes something and every 40th other (every one): from there on all calls throw, memory is thrown away',
  ],
  'fail-on': [
    'from one call on, all that change something fail',
    'from every 24th (every one, each errno)',
  ],
  kill: [
    'kill -9 at file-system calls',
    'SIGKILL to a real process at every 60th that changes something (every one)',
  ],
  init: ['the making of a simulated host', 'failures and crashes at every 10th call (every one)'],
  recover: [
    "kill -9 of a plan's apply, then of three recoveries in a row",
    'a plan killed at every 24th call (every one), its recoveries at random ones (`SEED`)',
  ],
  native: [
    'a native call of the lock, or the start of a script, fails or is the last one',
    'strace: `socket`, `bind`, `listen`, `connect`, `clone`, `execve`, each of five errnos and SIGKILL',
  ],
  lock: [
    'the lock',
    '20 processes, 20 of which some are killed while they take or hold it, 3 in namespaces of their own (1,000 times each); one holder at a time',
  ],
  damage: ['damaged files of the store', 'both, seven kinds of damage; nothing is changed'],
  disk: ['full and read-only disk', 'tmpfs below `etc`, `var` and `run`, 0 to 32 kB left'],
  race: [
    '20 processes at once',
    'one uuid, last instance, claims, groups, changes of one definition; one winner, no change lost',
  ],
} as const satisfies Record<string, readonly [string, string]>;

export type Row = keyof typeof ROWS;

/** What came of one case of a row. */
export interface Count {
  readonly form: 'in CI' | 'by hand';
  readonly row: Row;
  readonly case: string;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly seed: number;
  /** ISO. */
  readonly date: string;
}

const FORMS = ['in CI', 'by hand'] as const;

/** The rows of which there is more by hand. */
const BY_HAND: ReadonlySet<string> = new Set(['fail', 'die', 'fail-on', 'kill', 'init', 'recover']);

/** The last line of each case that `npm run test:faults` has kept. */
export function readCounts(): readonly Count[] {
  const lines: Count[] = JSON.parse(
    `[${readFileSync(COUNTS, 'utf8').trim().replaceAll('\n', ',')}]`,
  );
  return [
    ...new Map(lines.map((line) => [`${line.form}/${line.row}/${line.case}`, line])).values(),
  ];
}

/** The table of docs/guarantees.md, as Markdown. */
export function tableOfCounts(counts: readonly Count[]): string {
  const rows = Object.entries(ROWS).map(([row, texts]) => {
    const cells = FORMS.map((form) => cellOf(counts, form, row));
    return `| ${[...texts, ...cells].join(' | ')} |\n`;
  });
  const runs = FORMS.map((form) => {
    const of = counts.filter((count) => count.form === form);
    const days = [...new Set(of.map(({ date }) => date.slice(0, 10)))].toSorted();
    const seeds = [...new Set(of.map(({ seed }) => seed))].toSorted((a, b) => a - b);
    return `${form} ${days.join(' and ')} with \`SEED=${seeds.join()}\``;
  });
  return `| what | how | ${FORMS.join(' | ')} |\n|---|---|---|---|\n${rows.join('')}\nCounted ${runs.join(', ')}.\n`;
}

function cellOf(counts: readonly Count[], form: Count['form'], row: string): string {
  const cases = counts.filter((count) => count.row === row && count.form === form);
  const sums = new Map<string, number>();
  for (const { outcomes } of cases) {
    for (const [name, more] of Object.entries(outcomes)) {
      sums.set(name, (sums.get(name) ?? 0) + more);
    }
  }
  const all = new Set(counts.filter((count) => count.row === row).map((count) => count.case));
  const part = cases.length < all.size ? ` (${cases.length} of ${all.size} cases)` : '';
  if (form === 'by hand' && !BY_HAND.has(row)) return 'the same';
  if (cases.length === 0) return 'not run';
  return [...sums].map(([name, sum]) => `${sum.toLocaleString('en-US')} ${name}`).join(', ') + part;
}
