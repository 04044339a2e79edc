import { isFileName } from '../tree.ts';

/** The simulation's own folder below the root. Everything else in the tree is laid out as on a real host. */
export const SIMULATION = '/sim';
/** The host's profile, unchanged. */
export const PROFILE = `${SIMULATION}/profile.xml`;
/** The part of the profile that is needed later (hardware-file.ts). Created last: without it a directory is no simulated host. */
export const HARDWARE = `${SIMULATION}/hardware.json`;
/** Exists while a simulated host is being made. An interrupted making leaves it. */
export const MAKING = '/.virt-nodedev-init';
/** A link that exists while the tree is being changed, and says how (pending.ts). An interrupted change leaves it. */
export const CHANGING = `${SIMULATION}/changing`;
/** What a change removes is moved there first. */
export const DISCARDED = `${SIMULATION}/discarded`;
/** Exists while the host is being reset. An interrupted reset leaves it. */
export const RESETTING = `${SIMULATION}/resetting`;
/** The virtual functions that are off: one folder for each physical function, in it their directories. */
export const OFF = `${SIMULATION}/off`;
/** What was set up since the profile: one file for each physical function, named by its address. */
export const SETUPS = `${SIMULATION}/setup`;
/** The hardware that is leaving (leaving.ts). Without any there is no such file. */
export const LEAVING = `${SIMULATION}/leaving.json`;
/** The names of the drivers that are unregistered (loading.ts). Without any there is no such file. */
export const UNLOADED = `${SIMULATION}/unloaded.json`;
/** What calls are to meet (faults.ts). Without any there is no such file. */
export const FAULTS = `${SIMULATION}/faults.json`;
/** One file per device that is held open, named by its uuid. */
export const OPEN = `${SIMULATION}/open`;
/**
 * Of devices that are served to VMs: for each a file that says where, named by its uuid; unless another folder is asked for,
 * its socket; while a VM has it open, its memory. Made for the first one, for its user alone.
 */
export const ATTACHED = '/run/virt-nodedev/vfio-user';
/** The uevents, oldest first (uevents.ts). */
export const UEVENTS = `${SIMULATION}/uevents.log`;
/** The number of the newest uevent, as on a real host. */
export const UEVENT_SEQNUM = '/sys/kernel/uevent_seqnum';

/** Whether a path is below /sys/devices and has no `.` and `..`, so that it stays inside of any root. */
export function isDevicePath(path: string): boolean {
  const [first, ...parts] = path.split('/');
  return (
    first === '' &&
    parts.length > 2 &&
    parts.slice(0, 2).join('/') === 'sys/devices' &&
    parts.every(isFileName)
  );
}
