import type { HostEvent, HostWatch } from '../host.ts';
import { BusTracker, type BusEntry, type BusState } from './bus-tracker.ts';
import { monitorUdev } from './udev-monitor.ts';

/** Milliseconds between two looks when there are no messages. */
const POLL_INTERVAL = 200;

/** Milliseconds between two looks beside the kernel's messages: a message may be lost (ENOBUFS), and those about parents
 * of unusual subsystems are not subscribed. */
const SAFETY_INTERVAL = 2000;

/**
 * Reads the bus, on request with inodes; undefined when this fails. With the result of an earlier look, fewer links are
 * read.
 */
export type BusLook = (
  before: ReadonlyMap<string, BusEntry>,
  withInodes: boolean,
) => BusState | undefined;

/**
 * Reports what is created and removed on the bus from now on: by the kernel's messages if there is a udevadm, else by
 * regular looks.
 */
export function watchBus(
  lookAt: BusLook,
  udevadm: string | undefined,
  listener: (event: HostEvent) => void,
  signal: AbortSignal,
): HostWatch {
  let last: BusState = { parents: new Set(), devices: new Map() };
  last = lookAt(last.devices, udevadm === undefined) ?? last;
  const tracker = new BusTracker(last, (event) => {
    if (!signal.aborted) listener(event);
  });
  const look = (isHeard: boolean): void => {
    // A failed look is repaired by the next one. Inodes are needed only when there are no messages.
    last = lookAt(last.devices, !isHeard) ?? last;
    tracker.look(last, isHeard);
  };
  if (udevadm === undefined || signal.aborted) {
    repeat(() => look(false), POLL_INTERVAL, signal);
    return { source: 'poll', ready: Promise.resolve() };
  }

  let isHeard = true;
  let stopLooking = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    const monitor = {
      ready: () => {
        look(true);
        stopLooking = repeat(() => look(true), SAFETY_INTERVAL, signal);
        resolve();
      },
      event: (event: HostEvent) => tracker.hear(event),
      ended: () => {
        isHeard = false;
        stopLooking();
        look(false);
        repeat(() => look(false), POLL_INTERVAL, signal);
        resolve();
      },
    };
    signal.addEventListener('abort', () => resolve(), { once: true });
    monitorUdev(udevadm, monitor, signal);
  });
  return {
    get source() {
      return isHeard ? 'udev' : 'poll';
    },
    ready,
  };
}

/** Calls `action` regularly, until `signal` is aborted or the returned function is called. */
function repeat(action: () => void, interval: number, signal: AbortSignal): () => void {
  const timer = setInterval(action, interval);
  const stop = (): void => clearInterval(timer);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return stop;
}
