import type { NamedValue } from '../../nodedev/device.ts';
import { isAttributeName, isTypeName } from './names.ts';
import { invalidDefinition } from './problems.ts';

/** The content of mdevctl's configuration file of a device, or of ours. Parent and uuid are in the file's path. */
export interface Definition {
  /** Of a function with a type: its file is ours, and its parent the function. */
  readonly isFunction?: true | undefined;
  /** Type id: `nvidia-18`. */
  readonly type: string;
  /** Started when its parent appears. */
  readonly autostart: boolean;
  /** sysfs attributes to write after creation: order counts, names may repeat. */
  readonly attributes: readonly NamedValue[];
  /** Keys of the file that this library does not know, unchanged. Never `mdev_type`, `start`, `attrs`. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The format of a file of a function, with its version: `format`, `type`, `start` and `attrs`, the last two as mdevctl's. */
const FORMAT = 'virt-nodedev function 1';

/** Whether a file's content says that it is of a function, in whatever version. */
const isFunctionContent = (content: Record<string, unknown>): boolean =>
  content['mdev_type'] === undefined && typeof content['format'] === 'string';

/** {@link isFunctionContent} of a text that may be anything. */
export function isFunctionText(text: string | Uint8Array): boolean {
  try {
    const content: unknown = JSON.parse(
      typeof text === 'string' ? text : new TextDecoder().decode(text),
    );
    return isObject(content) && isFunctionContent(content);
  } catch {
    return false;
  }
}

/** The limit of serde_json, with which mdevctl reads. */
const MAX_DEPTH = 127;

/**
 * Reads the text of a definition file as tolerantly as mdevctl (mdev.rs, load_from_json): `start` may be anything
 * but null and means manual unless it is "auto"; `attrs` may be null or absent; other keys are accepted.
 *
 * @param file the file's name for messages
 * @throws NodedevError definition-invalid, also for names that would lead out of a sysfs directory
 */
export function parseDefinition(text: string, file?: string): Definition {
  const content = parseJson(text, file);
  if (!isObject(content)) throw invalidDefinition(file, 'not a JSON object');
  const isFunction = isFunctionContent(content);
  if (isFunction && content['format'] !== FORMAT) {
    throw invalidDefinition(file, `format ${JSON.stringify(content['format'])} is not ${FORMAT}`, {
      hint: 'a newer version wrote it: use that one',
    });
  }
  const key = isFunction ? 'type' : 'mdev_type';
  const { [key]: type, start, attrs, ...others } = content;
  const { format: _, ...ours } = others;
  const extra = isFunction ? ours : others;
  if (typeof type !== 'string') throw invalidDefinition(file, `${key} is missing or not a string`);
  if (!isTypeName(type)) {
    throw invalidDefinition(file, `${key} ${JSON.stringify(type)} is not a type's name`);
  }
  if (start === undefined || start === null) throw invalidDefinition(file, 'start is missing');
  if (!isShallow(extra, MAX_DEPTH)) throw invalidDefinition(file, 'nested too deeply');
  return {
    ...(isFunction ? { isFunction } : {}),
    type,
    autostart: start === 'auto',
    attributes: parseAttributes(attrs ?? [], file),
    extra,
  };
}

/**
 * What a file that {@link parseDefinition} refuses still says: mdevctl, killed while it writes, leaves the first part.
 * Undefined when the type is not in it.
 */
export function salvageDefinition(text: string): Definition | undefined {
  const isFunction = /"format"\s*:/u.test(text);
  const type = (isFunction ? /"type"\s*:\s*"([^"\\]+)"/u : /"mdev_type"\s*:\s*"([^"\\]+)"/u).exec(
    text,
  )?.[1];
  if (type === undefined || !isTypeName(type)) return undefined;
  return { type, autostart: /"start"\s*:\s*"auto"/u.test(text), attributes: [], extra: {} };
}

/**
 * The text of a definition file, byte for byte what mdevctl writes: two spaces, no newline at the end.
 *
 * @throws NodedevError definition-invalid for what mdevctl or sysfs would not accept: names with a path in them,
 *   lone surrogates (JSON escapes them, mdevctl refuses the file)
 */
export function formatDefinition(definition: Definition): string {
  return JSON.stringify({ ...toJson(definition), ...definition.extra }, null, 2);
}

/** A definition on one line and without the keys that mdevctl does not know, as mdevctl passes it to scripts. */
export function compactDefinition(definition: Definition): string {
  return JSON.stringify(toJson(definition));
}

function toJson({ isFunction, type, autostart, attributes }: Definition): object {
  if (!isTypeName(type)) {
    throw invalidDefinition(undefined, `type ${JSON.stringify(type)} is not a type's name`);
  }
  for (const attribute of attributes) checkAttribute(attribute, undefined);
  const attrs = attributes.map(({ name, value }) => ({ [name]: value }));
  const start = autostart ? 'auto' : 'manual';
  return isFunction === true
    ? { format: FORMAT, type, start, attrs }
    : { mdev_type: type, start, attrs };
}

/**
 * The `attrs` of a definition.
 *
 * @throws NodedevError definition-invalid
 */
export function parseAttributes(attrs: unknown, file: string | undefined): readonly NamedValue[] {
  if (!Array.isArray(attrs)) throw invalidDefinition(file, 'attrs is not an array');
  return attrs.map((entry: unknown, index) => {
    const fields = isObject(entry) ? Object.entries(entry) : [];
    const [name, value] = fields[0] ?? [];
    if (fields.length !== 1 || name === undefined || typeof value !== 'string') {
      throw invalidDefinition(file, `attrs[${index}] is not an object with one string`);
    }
    const attribute = { name, value };
    checkAttribute(attribute, file);
    return attribute;
  });
}

function checkAttribute({ name, value }: NamedValue, file: string | undefined): void {
  if (!isAttributeName(name)) {
    throw invalidDefinition(
      file,
      `attribute ${JSON.stringify(name)} is not the name of a device's attribute`,
    );
  }
  if (/\p{Surrogate}/u.test(name + value)) {
    throw invalidDefinition(file, `attribute ${JSON.stringify(name)} is not Unicode text`);
  }
}

function parseJson(text: string, file: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // V8 gives the offset only in some of its messages. An unexpected end is at the end of the text.
    const offset =
      /at position (\d+)/.exec(reason)?.[1] ??
      (/end of JSON/.test(reason) ? text.length : undefined);
    const location =
      offset === undefined ? undefined : { file, ...lineAndColumn(text, Number(offset)) };
    throw invalidDefinition(
      file,
      `invalid json: ${text.trim() === '' ? 'the file is empty' : reason}`,
      { location, cause },
    );
  }
}

function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a JSON value nests at most `depth` levels. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((child) => isShallow(child, depth - 1));
}
