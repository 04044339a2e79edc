import { type DeviceEvents, type NodeDeviceManager } from '../../../src/index.ts';

/** What events say, in the words of virsh: `created mdev_…`, `update mdev_…`. */
export interface Heard {
  readonly lines: readonly string[];
  /** Waits until there are so many, and then whether more come. */
  until(count: number): Promise<readonly string[]>;
}

/** Longer than anything settles. */
const QUIET = 300;

export function hear(events: DeviceEvents): Heard {
  const lines: string[] = [];
  void (async () => {
    for await (const event of events) {
      lines.push(`${event.kind === 'update' ? 'update' : event.change} ${event.name}`);
    }
  })();
  return {
    lines,
    async until(count) {
      const deadline = Date.now() + 10_000;
      while (lines.length < count && Date.now() < deadline) await pause(5);
      await pause(QUIET);
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

/** Its events, from now on. */
export async function eventsOf(
  manager: NodeDeviceManager,
  options: Parameters<NodeDeviceManager['events']>[0] = {},
): Promise<Heard> {
  return hear(await manager.events(options));
}
