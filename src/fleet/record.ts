import * as v from 'valibot';
import { recordInvalid } from './messages.ts';

/** Where devices were sent: kept by who plans, since a host that is away cannot be asked. */
export interface SentRecord {
  /** The hosts by the uuids of devices. */
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  /** Adds to it. When it resolves, it is on disk. */
  readonly keep: (sent: readonly (readonly [uuid: string, host: string])[]) => Promise<void>;
}

const shape = v.object({ version: v.literal(1), devices: v.record(v.string(), v.string()) });

/** Reads the JSON of a record. @throws NodedevError `plan-invalid` */
export function parseRecord(json: string, file?: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw recordInvalid(file, cause);
  }
  const parsed = v.safeParse(shape, value);
  if (!parsed.success) throw recordInvalid(file);
  return new Map(Object.entries(parsed.output.devices));
}

/** A record as JSON, sorted. */
export function formatRecord(devices: ReadonlyMap<string, string>): string {
  const sorted = [...devices].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ version: 1, devices: Object.fromEntries(sorted) }, undefined, 2)}\n`;
}
