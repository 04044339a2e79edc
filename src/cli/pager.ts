import { spawn } from 'node:child_process';

/** Shown at once when it fits, with colours, and left on the screen afterwards: as with git and systemctl. */
const LESS = 'FRX';

/**
 * Shows a text with the pager of the environment variable PAGER, or less. What ends it early is no failure, and no pager at
 * all is the text itself.
 *
 * @param print prints a text without a pager
 */
export async function showPaged(
  text: string,
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<void> {
  const command = env['PAGER'] ?? 'less';
  if (command === '' || command === 'cat' || env['TERM'] === 'dumb') {
    print(text);
    return;
  }
  // Who may run this command as root is given no shell as root by less.
  const childEnv = { LESS, ...env, LESSSECURE: '1' };
  // The pager gets Ctrl-C as well, and decides what it means.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    if (!(await ended(command, childEnv, text))) print(text);
  } finally {
    process.off('SIGINT', ignore);
  }
}

/** What a shell answers when there is no such command, or it cannot be run. */
const NO_COMMAND: ReadonlySet<number | null> = new Set([126, 127]);

/** Whether there was such a pager. */
function ended(command: string, env: NodeJS.ProcessEnv, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    // PAGER is a command line, and may have options.
    const child = spawn('/bin/sh', ['-c', command], { env, stdio: ['pipe', 'inherit', 'inherit'] });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(!NO_COMMAND.has(code)));
    // Whoever has seen enough closes the pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}
