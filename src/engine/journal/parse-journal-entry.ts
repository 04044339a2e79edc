import * as v from 'valibot';
import { NodedevError } from '../../errors.ts';
import { packageVersion } from '../../host/package-root.ts';
import { profileShape, setupStepShape } from '../setup/setup-shapes.ts';
import type { Intent, OpenEntry } from './journal.ts';
import {
  attributeShape,
  deviceShape,
  claimantShape,
  groupShape,
  numbersShape,
  parentShape,
  settings,
  textShape,
  typeShape,
  uuidShape,
} from '../store/record-shapes.ts';

/** Marks of progress after the entry. They are JSON's white space, so that the file is always valid JSON. */
export const MARKS = { step: '\n', undo: '\t' } as const;

const FORMAT = 1;

/** The text of an entry's file. */
export function formatJournalEntry({ steps, isUndone, ...entry }: OpenEntry): string {
  const head = { format: FORMAT, writer: packageVersion() };
  return (
    JSON.stringify({ ...head, ...entry }) + MARKS.step.repeat(steps) + (isUndone ? MARKS.undo : '')
  );
}

const meant = { uuid: uuidShape, parent: parentShape, group: textShape };
const typed = { ...meant, type: typeShape };

const intentShape = v.variant('do', [
  v.strictObject({
    do: v.literal('create'),
    ...typed,
    mayAppear: v.optional(v.literal(true)),
  }),
  v.pipe(
    v.strictObject({ do: v.literal('destroy'), ...typed, record: v.optional(deviceShape) }),
    v.check(
      ({ record, uuid, parent, group }) =>
        record === undefined ||
        (record.uuid === uuid && record.parent === parent && record.group === group),
      'the record is of another device',
    ),
  ),
  v.strictObject({ do: v.literal('define'), ...typed, content: v.string() }),
  v.strictObject({
    do: v.literal('undefine'),
    ...meant,
    content: v.string(),
    before: textShape,
    alias: textShape,
  }),
  v.strictObject({ do: v.literal('redefine'), ...typed, before: v.string(), after: v.string() }),
  v.strictObject({
    do: v.literal('set'),
    ...typed,
    values: v.array(v.strictObject({ name: attributeShape, value: textShape })),
    settings: v.optional(v.strictObject(settings)),
  }),
  v.strictObject({
    do: v.picklist(['claim', 'release']),
    group: v.string(),
    owner: v.optional(claimantShape),
  }),
  v.strictObject({
    do: v.literal('regroup'),
    group: v.string(),
    before: v.strictObject({
      groups: v.array(v.strictObject({ name: v.string(), record: v.optional(groupShape) })),
      devices: v.array(v.strictObject({ uuid: uuidShape, record: v.optional(deviceShape) })),
      numbers: numbersShape,
    }),
  }),
  v.strictObject({
    do: v.literal('set-up'),
    card: parentShape,
    step: setupStepShape,
    before: v.optional(
      v.strictObject({
        functions: v.boolean(),
        mig: v.optional(v.boolean()),
        mixed: v.optional(v.boolean()),
        instances: v.array(profileShape),
      }),
    ),
  }),
]) satisfies v.GenericSchema<Intent>;

const entryShape = v.strictObject({
  format: v.literal(FORMAT),
  writer: v.string(),
  id: v.string(),
  boot: v.string(),
  intents: v.array(intentShape),
  undoesAll: v.optional(v.literal(true)),
  left: v.optional(v.array(v.string())),
});

/**
 * Reads an entry from its file's text. Everything in it is checked, because recovery removes devices by it.
 *
 * @param path the file's path, for messages
 * @throws NodedevError `store-failed`
 */
export function parseJournalEntry(text: string, path: string): OpenEntry {
  const json = jsonOf(text);
  const parsed = v.safeParse(entryShape, json);
  if (!parsed.success || !path.endsWith(`/${parsed.output.id}.json`)) {
    const { writer } = v.is(v.object({ writer: v.string() }), json) ? json : { writer: undefined };
    const version = writer === undefined ? 'the version that wrote it' : `version ${writer}`;
    throw new NodedevError('store-failed', `${path} is no journal entry of this version`, {
      hint: `\`recover()\` of ${version} understands it; without the file nothing is undone`,
    });
  }
  const { id, boot, intents, undoesAll, left } = parsed.output;
  const marks = text.slice(text.trimEnd().length);
  const steps = marks.split(MARKS.step).length - 1;
  return { id, boot, intents, undoesAll, left, steps, isUndone: marks.includes(MARKS.undo) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
