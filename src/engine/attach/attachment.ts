import type { AttachedDevice, CallOptions } from '../types.ts';

export interface AttachOptions extends CallOptions {
  /** The folder of the sockets; made if it is missing. By default one below the host's `run/`. */
  readonly socketDir?: string | undefined;
}

/** Devices that are served to VMs, until they are detached or this process ends. */
export interface Attachment extends AsyncDisposable {
  readonly devices: readonly AttachedDevice[];
  /** Ends serving. A VM that has a device open loses it, and reads 0xff there. */
  detach(): Promise<void>;
}
