import type { ErrorCode } from '../codes.ts';

/** The operation that the host refused: writing `create`, `remove` or an attribute, or opening a device as a VM does. */
export type Operation = 'create' | 'remove' | 'attribute' | 'open';

/** A reason for a refusal of the host, in words. */
export interface RefusalCause {
  readonly errno: string;
  /** The operations; undefined: all. */
  readonly operations?: readonly Operation[] | undefined;
  readonly code: ErrorCode;
  /** Completes "Unable to create …: ". */
  readonly says: string;
  readonly next: string;
  /** The command that shows the log of the kernel or the vendor's program, if that says more than the errno. */
  readonly log?: string | undefined;
}

/** The command for the last lines of the kernel log, with messages of drivers. */
export const KERNEL_LOG = 'dmesg | tail -n 20';
