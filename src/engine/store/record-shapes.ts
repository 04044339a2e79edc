import * as v from 'valibot';
import { isAttributeName, isParentName, isTypeName, uuidOfFileName } from '../definitions/names.ts';
import type {
  ActiveEntry,
  Claimant,
  DefinitionRecord,
  DeviceRecord,
  GroupRecord,
  NumbersRecord,
  PersistentEntry,
  RecoveryRecord,
  SettledRecord,
} from './records.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';

// Everything in our files is checked, since names become paths, and devices are removed by what the files say.

export const uuidShape = v.pipe(
  v.string(),
  v.check((text) => uuidOfFileName(text) === text, 'no uuid'),
);
export const parentShape = v.pipe(v.string(), v.check(isParentName, 'no parent'));
export const typeShape = v.pipe(v.string(), v.check(isTypeName, 'no type'));
export const textShape = v.optional(v.string());
export const attributeShape = v.pipe(v.string(), v.check(isAttributeName, 'no attribute'));
export const domainShape = v.strictObject({
  name: v.string(),
  uuid: textShape,
}) satisfies v.GenericSchema<DomainRef>;

export const claimantShape = v.strictObject({
  ...domainShape.entries,
  planned: v.optional(v.literal(true)),
  expires: v.optional(v.number()),
}) satisfies v.GenericSchema<Claimant>;

/** The part of a device's record that an update changes. */
export const settings = {
  attributes: v.array(v.strictObject({ name: attributeShape, value: v.string() })),
  params: textShape,
  alias: textShape,
};

export const deviceShape = v.strictObject({
  kind: v.literal('device'),
  uuid: uuidShape,
  parent: parentShape,
  type: typeShape,
  group: v.string(),
  ...settings,
  created: v.optional(v.number()),
  planned: v.optional(v.literal(true)),
  untilStop: v.optional(v.literal(true)),
}) satisfies v.GenericSchema<DeviceRecord>;

const settledShape = v.strictObject({
  kind: v.literal('settled'),
  id: v.string(),
}) satisfies v.GenericSchema<SettledRecord>;

const number = v.pipe(v.number(), v.integer(), v.minValue(1));

export const groupShape = v.strictObject({
  kind: v.literal('group'),
  name: v.string(),
  number,
  owner: v.optional(claimantShape),
  lentTo: v.optional(domainShape),
  members: v.array(uuidShape),
}) satisfies v.GenericSchema<GroupRecord>;

export const numbersShape = v.strictObject({
  kind: v.literal('numbers'),
  next: number,
  free: v.array(number),
}) satisfies v.GenericSchema<NumbersRecord>;

/** The records below `run/`. */
export const activeShape = v.variant('kind', [
  deviceShape,
  groupShape,
  numbersShape,
  v.strictObject({ kind: v.literal('boot'), bootId: v.string() }),
  v.strictObject({
    kind: v.literal('recovery'),
    time: v.number(),
    operations: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }) satisfies v.GenericSchema<RecoveryRecord>,
  settledShape,
]) satisfies v.GenericSchema<ActiveEntry>;

const definitionShape = v.strictObject({
  kind: v.literal('definition'),
  parent: parentShape,
  uuid: uuidShape,
  group: v.string(),
  alias: textShape,
  planned: v.optional(v.literal(true)),
  facts: v.optional(v.record(v.string(), v.string())),
}) satisfies v.GenericSchema<DefinitionRecord>;

/** The records below `var/lib/`. */
export const persistentShape = v.variant('kind', [
  definitionShape,
  v.strictObject({ kind: v.literal('owner'), group: v.string(), owner: claimantShape }),
  settledShape,
]) satisfies v.GenericSchema<PersistentEntry>;
