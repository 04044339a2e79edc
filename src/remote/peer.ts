import type { Readable, Writable } from 'node:stream';
import type { NodedevError } from '../errors.ts';

/** The other side of a connection, as a client has it. */
export interface Peer {
  readonly input: Readable;
  readonly output: Writable;
  /** Resolved when it has ended, with why. */
  readonly ended: Promise<NodedevError>;
  /** Says that no more comes, and waits until it has ended. */
  readonly end: () => Promise<void>;
  /** Ends it at once; while it is not open, with all through which it connects. */
  readonly kill: (isOpen?: boolean) => void;
}
