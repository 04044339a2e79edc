import type { Io } from './io.ts';

/** What a picture in text has to know of the terminal it is for. */
export interface Terminal {
  readonly width: number;
  readonly color: boolean;
  readonly ascii: boolean;
}

/** Lines longer than this are hard to follow. */
const WIDEST = 100;
/** What a file or a pipe is taken for. */
const USUAL = 80;

/**
 * Colours only on a terminal, and not where NO_COLOR is set (no-color.org) or the terminal has none. Unicode unless the
 * locale is one without it; where no locale is set, as in many containers, what shows the output most likely has it.
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
