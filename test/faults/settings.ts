import { appendFileSync } from 'node:fs';
import { SEED } from '../support/seed.ts';
import { COUNTS, type Count, type Row } from './counts.ts';

/** STRIDE=1 by hand: every call, each errno, every kill. It takes hours. */
export const STRIDE = Number(process.env['STRIDE'] ?? 0);

/** What a call of the file system may meet, whatever it does. */
export const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EROFS', 'EMFILE', 'ENOMEM'] as const;

export const tell = (line: string): unknown => process.stdout.write(`${line}\n`);

/** Tells what came of a case that left no part, and with UPDATE_DOCS=1 keeps it for the table in docs/guarantees.md. */
export function count(row: Row, name: string, outcomes: Count['outcomes']): void {
  const form = STRIDE === 1 ? 'by hand' : 'in CI';
  const line = { form, row, case: name, outcomes, seed: SEED, date: new Date().toISOString() };
  tell(JSON.stringify(line));
  if (process.env['UPDATE_DOCS'] === '1') appendFileSync(COUNTS, `${JSON.stringify(line)}\n`);
}
