import { isFileName } from '../tree.ts';

/** The simulation's own folder below the root. Everything else in the tree is laid out as on a real host. */
export const SIMULATION = '/sim';
/** The host's profile, as `init` was given it. */
export const PROFILE = `${SIMULATION}/profile.xml`;
/** What is needed of it later: see hardware-file.ts. Planted last: without it a directory is no simulated host. */
export const HARDWARE = `${SIMULATION}/hardware.json`;
/** Stands while the tree is being changed; left behind by a change that was interrupted. */
export const CHANGING = `${SIMULATION}/changing`;
/** One file per device that is held open, named by its uuid. */
export const OPEN = `${SIMULATION}/open`;
/** The uevents, oldest first: see uevents.ts. */
export const UEVENTS = `${SIMULATION}/uevents.log`;
/** As on a real host: the number of the newest uevent. */
export const UEVENT_SEQNUM = '/sys/kernel/uevent_seqnum';

/** Whether a path is one below /sys/devices, without `.` and `..`, so that it can be laid out below any root. */
export function isDevicePath(path: string): boolean {
  const [first, ...parts] = path.split('/');
  return (
    first === '' &&
    parts.length > 2 &&
    parts.slice(0, 2).join('/') === 'sys/devices' &&
    parts.every(isFileName)
  );
}
