import type { Io } from './io.ts';

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
export function terminalOf({ terminal, env }: Io): Terminal {
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
