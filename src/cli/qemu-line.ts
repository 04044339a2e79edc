import type { Connection } from '../plan/connection.ts';
import type { Hostdev } from '../domain/hostdev.ts';
import { qemuDeviceArguments, type QemuOptions } from '../domain/qemu-arguments.ts';
import { shellWord } from '../shell-word.ts';

/** The arguments of QEMU for the host device of this index, as a line for a shell. */
export function qemuLine(hostdev: Hostdev, index: number, options: QemuOptions): string {
  const id = hostdev.alias ?? `hostdev${index}`;
  const words = qemuDeviceArguments(hostdev, { id, ...options });
  // All devices of a VM share one object of iommufd.
  const hasObject = hostdev.iommufd === true && options.socket === undefined;
  const own = index > 0 && hasObject ? words.slice(2) : words;
  return `${own.map(shellWord).join(' ')}\n`;
}

/** Where devices of a simulated host are attached now, by index; undefined: that one is not. */
export const attachedSockets = (
  connection: Connection,
  names: readonly string[],
): Promise<readonly (string | undefined)[]> =>
  Promise.all(names.map(async (name) => (await connection.info(name)).socket));
