import { ASCII, cellsWidth, terminalCells } from '../terminal-text.ts';
import type { Io } from './io.ts';
import type { TableRoom } from './table.ts';

/** The properties of the terminal, for pictures as text. */
export interface Terminal {
  readonly width: number;
  readonly color: boolean;
  readonly ascii: boolean;
}

/** The longest lines, because longer ones are hard to read. */
const WIDEST = 100;
/** The properties for a file or a pipe. */
const USUAL = 80;

/**
 * Colours are used only on a terminal, and not when NO_COLOR is set (no-color.org) or the terminal has none. Unicode is used
 * unless the locale is one without it. When no locale is set, as in many containers, the terminal very likely has Unicode.
 */
export function terminalOf({ terminal, env }: Pick<Io, 'terminal' | 'env'>): Terminal {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  const noColor = env['NO_COLOR'] ?? '';
  return {
    width: Math.min(WIDEST, terminal === undefined ? USUAL : terminal.columns),
    color: terminal !== undefined && noColor === '' && env['TERM'] !== 'dumb',
    ascii: locale !== undefined && !/utf-?8/iu.test(locale),
  };
}

/** The room for tables on a terminal; undefined for a file or a pipe, which get all of them. */
export function tableRoom(io: Pick<Io, 'terminal' | 'env'>): TableRoom | undefined {
  if (io.terminal === undefined) return undefined;
  return { columns: io.terminal.columns, mark: terminalOf(io).ascii ? '~' : '…' };
}

/** With which a picture begins and ends a colour. */
const COLOURS = new RegExp(String.raw`\x1b\[[\d;]*m`, 'gu');

/** Whether a text has more lines than the terminal shows at once, below the line with the command. */
export function isLong(text: string, { columns, rows = 24 }: NonNullable<Io['terminal']>): boolean {
  let left = rows - 1;
  for (const line of text.replace(/\n$/u, '').split('\n')) {
    const plain = line.replaceAll(COLOURS, '');
    const width = ASCII.test(plain) ? plain.length : cellsWidth(terminalCells(plain));
    left -= Math.max(1, Math.ceil(width / Math.max(1, columns)));
    if (left < 0) return true;
  }
  return false;
}
