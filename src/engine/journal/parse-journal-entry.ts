import { NodedevError } from '../../errors.ts';
import type { NamedValue } from '../../nodedev/device.ts';
import { isAttributeName, isParentName, isTypeName, uuidOfFileName } from '../definitions/names.ts';
import type { DeviceSettings, Intent, OpenEntry, OwnerIntent, SettingsIntent } from './journal.ts';
import type { DeviceRecord } from '../store/records.ts';
import type { DomainRef } from '../types.ts';

/** Progress is what stands behind the entry: JSON's white space, so that the file is JSON at any time. */
export const MARKS = { step: '\n', undo: '\t' } as const;

/** An entry's file. */
export function formatJournalEntry({ steps, isUndone, ...entry }: OpenEntry): string {
  return JSON.stringify(entry) + MARKS.step.repeat(steps) + (isUndone ? MARKS.undo : '');
}

/**
 * An entry from its file's text. Recovery removes devices by what it says, so nothing in it is believed unseen.
 *
 * @param path for messages
 * @throws NodedevError `store-failed`
 */
export function parseJournalEntry(text: string, path: string): OpenEntry {
  const entry = jsonOf(text);
  if (isRecord(entry)) {
    const { id, process, boot, intents, undoesAll } = entry;
    if (
      typeof id === 'string' &&
      typeof process === 'string' &&
      typeof boot === 'string' &&
      Array.isArray(intents) &&
      (undoesAll === undefined || undoesAll === true)
    ) {
      const known = intents.flatMap((intent: unknown) => intentOf(intent) ?? []);
      if (known.length === intents.length && path.endsWith(`/${id}.json`)) {
        const marks = text.slice(text.trimEnd().length);
        const steps = marks.split(MARKS.step).length - 1;
        const isUndone = marks.includes(MARKS.undo);
        return { id, process, boot, intents: known, undoesAll, steps, isUndone };
      }
    }
  }
  throw new NodedevError('store-failed', `${path} is no journal entry of this version`, {
    hint: '`recover()` of the version that wrote it understands it; without the file nothing is undone',
  });
}

function intentOf(value: unknown): Intent | undefined {
  if (!isRecord(value)) return undefined;
  const { do: kind } = value;
  if (kind === 'claim' || kind === 'release') return ownerIntentOf(kind, value);
  const { uuid, parent, type, group, alias, content, before, after, record } = value;
  if (typeof uuid !== 'string' || uuidOfFileName(uuid) !== uuid) return undefined;
  if (typeof parent !== 'string' || !isParentName(parent) || !isOptionalText(group))
    return undefined;
  const meant = { uuid, parent, group };
  if (kind === 'undefine') {
    return typeof content === 'string' && isOptionalText(before) && isOptionalText(alias)
      ? { do: kind, ...meant, content, before, alias }
      : undefined;
  }
  if (typeof type !== 'string' || !isTypeName(type)) return undefined;
  switch (kind) {
    case 'create':
      return { do: kind, ...meant, type };
    case 'destroy':
      return record === undefined || isDeviceRecord(record, meant)
        ? { do: kind, ...meant, type, record }
        : undefined;
    case 'define':
      return typeof content === 'string' ? { do: kind, ...meant, type, content } : undefined;
    case 'redefine':
      return typeof before === 'string' && typeof after === 'string'
        ? { do: kind, ...meant, type, before, after }
        : undefined;
    case 'set': {
      const change = changeOf(value);
      return change === undefined ? undefined : { do: kind, ...meant, type, ...change };
    }
    default:
      return undefined;
  }
}

function ownerIntentOf(
  kind: OwnerIntent['do'],
  { group, owner }: Readonly<Record<string, unknown>>,
): OwnerIntent | undefined {
  return typeof group === 'string' && isOptionalDomain(owner)
    ? { do: kind, group, owner }
    : undefined;
}

function changeOf({
  values,
  settings,
}: Readonly<Record<string, unknown>>): Pick<SettingsIntent, 'values' | 'settings'> | undefined {
  if (!Array.isArray(values) || !values.every(isValue)) return undefined;
  return settings === undefined || isSettings(settings) ? { values, settings } : undefined;
}

function isSettings(value: unknown): value is DeviceSettings {
  if (!isRecord(value)) return false;
  const { attributes, params, alias } = value;
  return (
    Array.isArray(attributes) &&
    attributes.every(isNamedValue) &&
    isOptionalText(params) &&
    isOptionalText(alias)
  );
}

/** Of the device that is meant, and of no other. */
function isDeviceRecord(
  value: unknown,
  meant: { readonly uuid: string; readonly parent: string; readonly group?: string | undefined },
): value is DeviceRecord {
  if (!isRecord(value)) return false;
  const { kind, uuid, parent, type, group, created, untilStop } = value;
  return (
    kind === 'device' &&
    uuid === meant.uuid &&
    parent === meant.parent &&
    group === meant.group &&
    typeof group === 'string' &&
    typeof type === 'string' &&
    (created === undefined || typeof created === 'number') &&
    (untilStop === undefined || untilStop === true) &&
    isSettings(value)
  );
}

const isOptionalDomain = (value: unknown): value is DomainRef | undefined =>
  value === undefined ||
  (isRecord(value) && typeof value['name'] === 'string' && isOptionalText(value['uuid']));

function isValue(value: unknown): value is SettingsIntent['values'][number] {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    isAttributeName(value['name']) &&
    isOptionalText(value['value'])
  );
}

function isNamedValue(value: unknown): value is NamedValue {
  return isValue(value) && value.value !== undefined;
}

const isOptionalText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
