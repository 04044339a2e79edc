import { throwIfAborted } from '../engine/aborted.ts';
import type { ConnectOptions } from '../engine/open.ts';
export type { ConnectOptions } from '../engine/open.ts';
import { asOurs } from '../engine/told-error.ts';
import { checkConnect, guarded } from '../plan/check-arguments.ts';
import { connectHere } from '../plan/connect.ts';
import type { Connection } from '../plan/connection.ts';

/**
 * Connects to a host: `sysfs:///` (this machine, the default), `sysfs:///DIR`, `sim:///DIR` (a simulated host),
 * `test:///default` or `test:///PROFILE` (in memory, gone at close), `libvirt:URI` (a host of libvirt's, through virsh, to be read only).
 *
 * `ssh://[USER@]HOST[:PORT]/[URI]`: a host of another machine, `sysfs:///` there by default. The system's `ssh` starts
 * `virt-nodedev serve --stdio` on it; its configuration and keys decide how. Every method is that of the other machine, but those
 * that work with this process's standard streams (`not-remote`). A lost connection is `connection-lost`, and says what is known of the call.
 *
 * @throws NodedevError `uri-invalid`, `host-not-found`, `host-not-simulated`, `profile-invalid`, `libvirt-failed`, `aborted`; over ssh also `ssh-failed`,
 *   `protocol-mismatch` (another version there), `protocol-error`
 */
export async function connect(uri?: string, options?: ConnectOptions): Promise<Connection> {
  checkConnect(uri, options);
  throwIfAborted(options?.signal);
  if (uri?.startsWith('ssh://') !== true) return connectHere(uri, options);
  try {
    const { connectSsh } = await import('./ssh.ts');
    return guarded(await connectSsh(uri, options));
  } catch (error) {
    throw asOurs(error);
  }
}
