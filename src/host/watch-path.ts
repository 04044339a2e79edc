import { watch } from 'node:fs';

/** How often a path is taken for changed where the kernel tells nothing, in milliseconds. */
const INTERVAL = 200;

/**
 * Calls `changed` when a file, or a directory's entry of the name given, may have changed, until `signal` is aborted.
 * It may be called too often and for several changes at once, so the caller looks for itself. Where the kernel has no
 * watch to give (fs.inotify.max_user_watches), it is called every now and then.
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
