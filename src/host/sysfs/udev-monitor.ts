import { drivers } from '../../drivers/registry.ts';
import type { HostEvent } from '../host.ts';
import { parseUevent, UeventReader } from '../uevent.ts';

/** The subsystems whose messages are subscribed: devices and parents. A parent of another subsystem is found by looks. */
const subsystems = (): readonly string[] => [
  ...new Set(['mdev', ...drivers.map(({ subsystem }) => subsystem)]),
];

/** Milliseconds that udevadm may take until it listens. */
const START_LIMIT = 3000;

export interface UdevListener {
  /** Called when udevadm listens: from now on no message is missed. */
  ready(): void;
  event(event: HostEvent): void;
  /** Called once when udevadm does not exist or has ended, unless the signal was aborted before. */
  ended(): void;
}

/**
 * Receives the kernel's messages through `udevadm monitor`, since Node cannot open a netlink socket. It needs neither root
 * nor a running udevd, writes single lines even into a pipe, and prints its heading when it listens
 * (systemd, src/udev/udevadm-monitor.c). In a chroot it ends at once.
 */
export function monitorUdev(udevadm: string, listener: UdevListener, signal: AbortSignal): void {
  // Loaded here, because otherwise every command that reads a host would load it.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const reader = new UeventReader();
  const child = spawn(
    udevadm,
    [
      'monitor',
      '--kernel',
      '--property',
      ...subsystems().map((name) => `--subsystem-match=${name}`),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(limit);
    child.kill();
    if (!signal.aborted) listener.ended();
  };
  const limit = setTimeout(end, START_LIMIT);
  signal.addEventListener('abort', end, { once: true });
  child.once('error', end);
  child.once('close', end);
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    const records = (rest + text).split('\n\n');
    rest = records.pop() ?? '';
    for (const record of records) {
      if (isOver) return;
      if (isHeading(record)) {
        clearTimeout(limit);
        listener.ready();
        continue;
      }
      const uevent = parseUevent(record);
      const event = uevent && reader.read(uevent, Date.now());
      if (event !== undefined) listener.event(event);
    }
  });
}

function isHeading(record: string): boolean {
  return record.includes('\nKERNEL - ');
}
