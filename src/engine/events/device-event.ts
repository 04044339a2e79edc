import type { EventOrigin } from '../../host/host.ts';

/** The kinds of events, in virsh's words. */
export type EventKind = 'lifecycle' | 'update';

interface EventSubject {
  /** Its name, as in `list`. */
  readonly name: string;
  /** Of a mediated device; undefined for a parent. */
  readonly uuid?: string | undefined;
  /** When it happened, or was first seen; milliseconds since the epoch. */
  readonly time: number;
}

/** A device, a parent with its types, or a definition was created or removed. */
export interface LifecycleEvent extends EventSubject {
  readonly kind: 'lifecycle';
  readonly change: 'created' | 'deleted' | 'defined' | 'undefined';
}

/**
 * The definition of a device was changed, or this library updated an active device. The kernel does not report when other
 * programs write to attributes of active devices.
 */
export interface UpdateEvent extends EventSubject {
  readonly kind: 'update';
}

export type DeviceEvent = LifecycleEvent | UpdateEvent;

export interface EventOptions {
  /** Only events of this device, by any of its names. */
  readonly device?: string | undefined;
  /** Default: both. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Ends the events. Those that happened before are still delivered. */
  readonly signal?: AbortSignal | undefined;
}

/** Events as they happen. Leaving the loop ends them. */
export interface DeviceEvents extends AsyncIterable<DeviceEvent> {
  /** The source of the host's events. It becomes `poll` if the better one fails. */
  readonly source: EventOrigin;
}
