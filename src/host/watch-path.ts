import { watch } from 'node:fs';

/** Without a watch, `changed` is called in this interval, in milliseconds. */
const INTERVAL = 200;

/**
 * Calls `changed` when a file, or a directory's entry of the name given, may have changed, until `signal` is aborted.
 * It may be called without a change, and once for several changes, so the caller must look for itself. When the kernel has
 * no more watches (fs.inotify.max_user_watches), it is called regularly.
 */
export function watchPath(
  path: string,
  changed: (name: string | undefined) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const poll = (): void => {
    if (signal.aborted) return;
    const timer = setInterval(() => changed(undefined), INTERVAL);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  };
  try {
    const watcher = watch(path, { signal }, (_, name) => changed(name ?? undefined));
    watcher.once('error', () => {
      watcher.close();
      poll();
    });
  } catch {
    poll();
  }
}
