import type { AttachedDevice } from '../listed-device.ts';
import type { CallOptions } from '../call-options.ts';

export interface AttachOptions extends CallOptions {
  /** The folder of the sockets; made if it is missing. By default one below the host's `run/`. */
  readonly socketDir?: string | undefined;
}

/** How a VM is started for a domain. */
export interface RunDomainOptions extends AttachOptions {
  /** The program: QEMU 10.1 or later. */
  readonly qemu: string;
  /** Instead of those of the domain's `<os>`. */
  readonly kernel?: string | undefined;
  readonly initrd?: string | undefined;
  /** The kernel's command line. */
  readonly append?: string | undefined;
  /** Called with QEMU's pid. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** Devices that are served to VMs, until they are detached or this process ends. */
export interface Attachment extends AsyncDisposable {
  readonly devices: readonly AttachedDevice[];
  /** Ends serving. A VM that has a device open loses it, and reads 0xff there. */
  detach(): Promise<void>;
}
