import type { HostEvent, HostWatch } from '../host.ts';
import { BusTracker, type BusEntry, type BusState } from './bus-tracker.ts';
import { monitorUdev } from './udev-monitor.ts';

/** How often the bus is looked at when nothing else tells of it, in milliseconds. */
const POLL_INTERVAL = 200;

/** How often it is looked at beside the kernel's messages: for one that was lost (ENOBUFS) or is of a parent of an
 * unusual subsystem. */
const SAFETY_INTERVAL = 2000;

/**
 * Looks at the bus, at inodes as well when asked to; undefined when it cannot now. What an earlier look found spares
 * reading links again.
 */
export type BusLook = (
  before: ReadonlyMap<string, BusEntry>,
  withInodes: boolean,
) => BusState | undefined;

/**
 * Tells of what comes and goes on the bus from now on: by the kernel's messages where there is a udevadm, else by
 * looking.
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
    // A look that fails is made up for by the next one. Only looks that are all there is need inodes.
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

/** Until `signal` is aborted, or what it returns is called. */
function repeat(action: () => void, interval: number, signal: AbortSignal): () => void {
  const timer = setInterval(action, interval);
  const stop = (): void => clearInterval(timer);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return stop;
}
