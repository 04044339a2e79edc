import type { Issue } from '../../errors.ts';

/** The sentences about mounted hosts, and about writes that nobody answers. */

export function deadMountRemoved(mountpoint: string): Issue {
  return {
    code: 'mount-failed',
    severity: 'warning',
    message: `${mountpoint} was still mounted by a process that was killed: it was unmounted`,
  };
}

/** An error of the process that serves a mounted host: the program that asked got EIO. */
export function serviceFailed(error: unknown): Issue {
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'mount-failed',
    severity: 'warning',
    message: `a request of another program was answered with EIO: ${message}`,
  };
}

/** A file of a simulated host's directory that another program wrote to, as if a kernel took it. */
export function unanswered(root: string | undefined, path: string): Issue {
  return {
    code: 'write-unanswered',
    severity: 'warning',
    message: `another program has written to ${root ?? ''}${path}, which is no kernel's file: nothing was done`,
    hint: 'programs get answers with `mountHost(folder)` or `runCommand(words)`; `recover()` empties the file',
  };
}

/** The same, when the file has been emptied. */
export function unansweredForgotten(root: string | undefined, path: string): Issue {
  const message = `${root ?? ''}${path} was emptied: nothing had been done of what was written to it`;
  return { code: 'recovered', severity: 'warning', message };
}

/** A folder that nobody serves any more. */
export function deadMount(mountpoint: string): Issue {
  return {
    code: 'doctor-mount-dead',
    severity: 'warning',
    message: `${mountpoint} is still mounted, but the process that served it was killed: every call there fails`,
    hint: `umount ${mountpoint}; mounting a host there again does it, too`,
  };
}
