import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { malformedRequest, parentGiven } from './messages.ts';
import type { PlacementRequest } from './placement.ts';

/** Devices of one type whose creation is predicted. */
export interface Creation {
  /** Id, name or criteria. */
  readonly type: TypeRequest;
  /** Default 1. */
  readonly count?: number | undefined;
  /** Node device name or sysfs address; may be absent when one parent alone offers the type. */
  readonly parent?: string | undefined;
}

const CREATION = /^([^*@]+)(?:\*([1-9]\d{0,5}))?(?:@([^*@]+))?$/;

/** Reads `TYPE*COUNT@PARENT`; count and parent may be left out. @throws NodedevError `request-invalid` */
export function parseCreation(text: string): Creation {
  const [, type, count, parent] = CREATION.exec(text) ?? [];
  if (type === undefined) throw malformedRequest(text);
  return { type, count: count === undefined ? undefined : Number(count), parent };
}

/** Reads `TYPE*COUNT`; the count may be left out. @throws NodedevError `request-invalid` */
export function parsePlacementRequest(text: string): PlacementRequest {
  const { type, count, parent } = parseCreation(text);
  if (parent !== undefined) throw parentGiven(text);
  return { type, count };
}
