import type { Io } from './io.ts';

/** A progress bar on standard error. */
export interface ProgressBar {
  readonly show: (done: number, total: number) => void;
  /** Removes the bar. */
  readonly clear: () => void;
}

/** A progress bar; undefined when there is no terminal. */
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
      // Drawn once for each cell only, because the lock is held meanwhile.
      if (bar === shown && done < total) return;
      shown = bar;
      stderr(`\r${bar}${count}`);
    },
    clear() {
      if (shown !== '') stderr('\r\x1b[K');
    },
  };
}
