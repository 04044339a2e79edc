import type { ErrorCode } from '../codes.ts';

/** What was asked of the host: writing `create`, `remove` or an attribute, or opening a device as a VM does. */
export type Operation = 'create' | 'remove' | 'attribute' | 'open';

/** One reason a host refuses, for a person. */
export interface RefusalCause {
  readonly errno: string;
  /** Undefined: whatever was asked. */
  readonly operations?: readonly Operation[] | undefined;
  readonly code: ErrorCode;
  /** Completes "Unable to create …: ". */
  readonly says: string;
  readonly next: string;
  /** The command that shows what the kernel or the vendor's program said, where it says more than the errno. */
  readonly log?: string | undefined;
}

/** The kernel log; a driver's complaint is among its last lines. */
export const KERNEL_LOG = 'dmesg | tail -n 20';
