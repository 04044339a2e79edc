import { NodedevError } from '../errors.ts';
import type { NamedValue } from '../nodedev/device.ts';
import { isAttributeName, isParentName, isTypeName, uuidOfFileName } from './definitions/names.ts';
import type { Intent, JournalEntry, SettingsIntent } from './journal.ts';

/**
 * An entry from its file's text. Recovery removes devices by what it says, so nothing in it is believed unseen.
 *
 * @param path for messages
 * @throws NodedevError `store-failed`
 */
export function parseJournalEntry(text: string, path: string): JournalEntry {
  const entry = jsonOf(text);
  if (isRecord(entry)) {
    const { id, process, boot, intents } = entry;
    if (
      typeof id === 'string' &&
      typeof process === 'string' &&
      typeof boot === 'string' &&
      Array.isArray(intents)
    ) {
      const known = intents.flatMap((intent: unknown) => intentOf(intent) ?? []);
      if (known.length === intents.length && path.endsWith(`/${id}.json`)) {
        return { id, process, boot, intents: known };
      }
    }
  }
  throw new NodedevError('store-failed', `${path} is no journal entry of this version`, {
    hint: '`virt-nodedev recover` of the version that wrote it understands it; without the file nothing is undone',
  });
}

function intentOf(value: unknown): Intent | undefined {
  if (!isRecord(value)) return undefined;
  const { do: kind, uuid, parent, type, group, text, before, after } = value;
  if (typeof uuid !== 'string' || uuidOfFileName(uuid) !== uuid) return undefined;
  if (typeof parent !== 'string' || !isParentName(parent)) return undefined;
  if (typeof type !== 'string' || !isTypeName(type) || !isOptionalText(group)) return undefined;
  const meant = { uuid, parent, type, group };
  switch (kind) {
    case 'create':
    case 'destroy':
      return { do: kind, ...meant };
    case 'define':
    case 'undefine':
      return typeof text === 'string' ? { do: kind, ...meant, text } : undefined;
    case 'redefine':
      return typeof before === 'string' && typeof after === 'string'
        ? { do: kind, ...meant, before, after }
        : undefined;
    case 'set': {
      const settings = settingsOf(value);
      return settings === undefined ? undefined : { do: kind, ...meant, ...settings };
    }
    default:
      return undefined;
  }
}

function settingsOf(
  value: Readonly<Record<string, unknown>>,
): Pick<SettingsIntent, 'values' | 'attributes' | 'params'> | undefined {
  const { values, attributes, params } = value;
  if (!Array.isArray(values) || !Array.isArray(attributes) || !isOptionalText(params)) {
    return undefined;
  }
  return values.every(isValue) && attributes.every(isNamedValue)
    ? { values, attributes, params }
    : undefined;
}

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
