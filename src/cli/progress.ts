import type { Io } from './io.ts';

/** A bar on the terminal that standard error is. */
export interface ProgressBar {
  readonly show: (done: number, total: number) => void;
  /** Takes it away. */
  readonly clear: () => void;
}

/** Undefined where there is no terminal: a log needs no bar. */
export function progressBar({ stderr, errorTerminal }: Io): ProgressBar | undefined {
  if (errorTerminal === undefined) return undefined;
  const { columns } = errorTerminal;
  let shown = '';
  return {
    show(done, total) {
      const count = ` ${done}/${total}`;
      const width = Math.max(0, Math.min(columns, 80) - 3 - ` ${total}/${total}`.length);
      const filled = Math.floor((width * Math.min(done, total)) / Math.max(1, total));
      const bar = `[${'#'.repeat(filled)}${' '.repeat(width - filled)}]`;
      // One line for each cell is enough: the lock on the host is held meanwhile.
      if (bar === shown && done < total) return;
      shown = bar;
      stderr(`\r${bar}${count}`);
    },
    clear() {
      if (shown !== '') stderr('\r\x1b[K');
    },
  };
}
