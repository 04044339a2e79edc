import { onTestFinished } from 'vitest';
import {
  connect,
  type DeviceEvents,
  type EventOptions,
  type NodeDeviceManager,
} from '../../../src/index.ts';
import { diskHost } from '../../host/support/hosts.ts';

/** Longer than anything settles: what is told too much has come by then. */
const QUIET = 250;

/** What events said. */
export interface Heard {
  /** `created mdev_…`, `update mdev_…`, once there are so many and no more come. */
  lines(count: number): Promise<readonly string[]>;
}

export function hear(events: DeviceEvents): Heard {
  const lines: string[] = [];
  const reading = (async () => {
    for await (const event of events) {
      lines.push(`${event.kind === 'update' ? 'update' : event.change} ${event.name}`);
    }
  })();
  return {
    async lines(count) {
      const deadline = Date.now() + 50_000;
      while (lines.length < count && Date.now() < deadline) await pause(5);
      await Promise.race([reading, pause(QUIET)]);
      return lines;
    },
  };
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

export const uuidOf = (number: number): string =>
  `00000000-1111-4222-8333-${String(number).padStart(12, '0')}`;

/** A connection that is closed when the test ends. */
export async function managerOf(uri: string): Promise<NodeDeviceManager> {
  const manager = await connect(uri);
  onTestFinished(() => manager.close());
  return manager;
}

export async function heardOf(manager: NodeDeviceManager, options?: EventOptions): Promise<Heard> {
  return hear(await manager.events(options));
}

/** The directory of a new simulated host. */
export function simulatedHost(profile = 'nvidia-m60'): string {
  const { host, dispose } = diskHost(profile);
  onTestFinished(dispose);
  return host.root ?? '';
}
