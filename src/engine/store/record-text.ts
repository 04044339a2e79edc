import * as v from 'valibot';
import { NodedevError } from '../../errors.ts';
import { packageVersion } from '../../host/package-root.ts';

/** The format version at the beginning of a file of records. */
const FORMAT = 1;

/** One record a line, so that a person can read it. */
export function formatRecords(records: readonly unknown[]): string {
  const head = JSON.stringify({ format: FORMAT, writer: packageVersion() }).slice(0, -1);
  return `${head},"records":[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]}\n`;
}

const headShape = v.object({ format: v.number(), writer: v.optional(v.string(), 'unknown') });
const fileShape = v.strictObject({
  format: v.literal(FORMAT),
  writer: v.string(),
  records: v.array(v.unknown()),
});

/** Reads the records of a file's text. @throws NodedevError `store-failed`, with what is wrong and what to do */
export function parseRecords<V>(
  text: string,
  file: string,
  shape: v.GenericSchema<V>,
): readonly V[] {
  if (text.trim() === '') throw damaged(file, 'is empty');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const head = v.safeParse(headShape, json);
  if (head.success && head.output.format > FORMAT) {
    const { format, writer } = head.output;
    throw new NodedevError(
      'store-failed',
      `${file} has format ${format}, and this version reads ${FORMAT}`,
      { hint: `virt-nodedev ${writer} wrote it: use that version, or a newer one` },
    );
  }
  const content = v.safeParse(fileShape, json);
  if (!content.success) throw damaged(file, `is no store: ${flawOf(content.issues)}`);
  return content.output.records.map((record, index) => {
    const parsed = v.safeParse(shape, record);
    if (parsed.success) return parsed.output;
    throw damaged(file, `is damaged: record ${index + 1}: ${flawOf(parsed.issues)}`);
  });
}

function damaged(file: string, flaw: string): NodedevError {
  return new NodedevError('store-failed', `${file} ${flaw}`, {
    hint: 'nothing was changed; the broken file may be moved away: devices and definitions stay, groups, owners and aliases are lost',
  });
}

const flawOf = ([issue]: readonly [v.BaseIssue<unknown>, ...unknown[]]): string => {
  const path = v.getDotPath(issue);
  return `${path === null ? '' : `${path}: `}${issue.message}`;
};
