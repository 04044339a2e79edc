import type { CallOptions } from './call-options.ts';

export interface FailOptions extends CallOptions {
  /** How many calls fail. Default: 1. */
  readonly times?: number | undefined;
}

/** Of taking hardware away from a simulated host, when mediated devices are in use; by default it is refused. */
export interface LeaveOptions extends CallOptions {
  /** Their VMs are asked for them, and give them back. */
  readonly force?: boolean | undefined;
  /** Nothing is created from now on, and their last close is waited for: so many seconds at most. */
  readonly wait?: number | undefined;
}

export interface MountOptions {
  /** A folder where the host's /dev/vfio is mounted as well: who opens a file of a device there holds the device. */
  readonly vfio?: string | undefined;
}

/** A simulated host that this process serves to other programs. A call of this process itself must not wait for it. */
export interface HostMount extends AsyncDisposable {
  /** Resolved when it is not mounted any more, whoever has unmounted it. */
  readonly ended: Promise<void>;
  /** Unmounts it, also while other programs use it. */
  unmount(): Promise<void>;
}

export interface RunOptions extends CallOptions {
  /** Called with the command's pid. The signal of the call is SIGTERM for the command. */
  readonly onStart?: ((pid: number) => void) | undefined;
  /** The command's environment; by default this process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The command's working directory; by default this process's. */
  readonly cwd?: string | undefined;
}

/** How a command ended: by itself, or by a signal. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}
