import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Dialect, NodeDevice } from '../../src/nodedev/device.ts';
import type { Content, Entry, RecordType } from '../../src/nodedev/table.ts';
import { device } from '../../src/nodedev/tables/device.ts';
import type { ValueType } from '../../src/nodedev/values.ts';
import { buildElement, type XmlElement } from '../../src/xml/element.ts';

/**
 * Devices of every shape the tables allow, made from the tables: a new line is generated without a word here. What a
 * dialect cannot hold is left out, as it prints it.
 */
export function nodeDevice(dialect: Dialect): Arbitrary<NodeDevice> {
  return structure(device, dialect)
    .filter((value): value is NodeDevice => device.holds(value))
    .filter((value) => dialect !== 'libvirt' || !hasSeveralTypes(value));
}

/** libvirt's dialect makes several documents of it. */
function hasSeveralTypes({ capabilities: all }: NodeDevice): boolean {
  return all.some((one) => one.kind === 'mdev' && one.types.length > 1);
}

/** All a document can hold in text, and what is likely to go wrong. */
const anyText = fc
  .string({
    unit: fc.constantFrom(
      'a',
      '7',
      ' ',
      "'",
      '"',
      '<',
      '>',
      '&',
      ']',
      '\t',
      '\n',
      '\r',
      'é',
      '€',
      '𝕏',
    ),
  })
  .filter((made) => made !== '');

const unknownElement: Arbitrary<XmlElement> = fc
  .record({ name: fc.constantFrom('news', '__proto__', 'constructor'), text: anyText })
  .map(({ name, text }) => buildElement(name, { a: text }, [text]));

const unknownCapability = fc.constantFrom('quantum', '__proto__').map((type) => ({
  kind: 'other',
  type,
  element: buildElement('capability', { type }, [buildElement('qubits', {}, ['7'])]),
}));

function structure(type: RecordType<unknown>, dialect: Dialect): Arbitrary<unknown> {
  const fields = Object.fromEntries(
    type.entries.map((entry) => [entry.key, field(entry, dialect)]),
  );
  const extra = fc.array(unknownElement, { maxLength: dialect === 'libvirt' ? 0 : 1 });
  const kind = fc.constant(type.capability);
  const values: Arbitrary<Record<string, unknown>> = fc.record({
    ...(type.capability === undefined ? {} : { kind }),
    ...fields,
    ...(type.extensible ? { extra } : {}),
  });
  return values
    .map((held) => (type.single ? held['value'] : held))
    .map((value) => (type.optionalWhenEmpty && isEmpty(value) ? undefined : value))
    .filter(
      (value) =>
        (type.optionalWhenEmpty && value === undefined) ||
        (type.holds(value) && type.check?.(value, '') === undefined),
    );
}

function isEmpty(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((part) => part === undefined)
  );
}

function field({ field: line }: Entry, dialect: Dialect): Arbitrary<unknown> {
  const [first] = line.contents;
  const isList = ['children', 'capabilities', 'nested'].includes(line.place);
  const made = ((): Arbitrary<unknown> => {
    if (line.place === 'nested') return nested(line.contents, dialect);
    if (line.place === 'capabilities') return capabilities(line.contents, dialect);
    if (first === undefined) return fc.constant(undefined);
    const one = content(first, dialect);
    if (isList) return fc.array(one, { minLength: line.required ? 1 : 0, maxLength: 2 });
    return line.required ? one : fc.option(one, { nil: undefined, freq: 10 });
  })();
  return made
    .map((value) => (line.printed ? line.printed(value, dialect) : value))
    .map((value) => value ?? (isList ? [] : line.absent));
}

function capabilities(contents: readonly Content<unknown>[], dialect: Dialect) {
  return fc
    .array(fc.oneof(unknownCapability, ...forms(contents, dialect)), { minLength: 1, maxLength: 3 })
    .map((made) => made.filter((each) => each !== undefined))
    .map((made) =>
      made.filter(
        (each, index) =>
          mayRepeat(each) || made.findIndex((other) => kindOf(other) === kindOf(each)) === index,
      ),
    )
    .filter((made) => made.length > 0);
}

/** Of a mediated device there is one in a document. */
const mayRepeat = (capability: unknown): boolean => kindOf(capability) !== 'mdev';

/** Some of the capabilities, each kind once, then unknown ones. */
function nested(contents: readonly Content<unknown>[], dialect: Dialect): Arbitrary<unknown[]> {
  const known = forms(contents, dialect).map((form) =>
    fc.option(form, { freq: 3, nil: undefined }),
  );
  const others = fc.array(unknownCapability, { maxLength: 1 });
  return fc.tuple(fc.tuple(...known), others).map(([some, unknown]) => {
    const made = some.filter((each) => each !== undefined);
    const byKind = new Map(made.map((each) => [kindOf(each), each]));
    return [...byKind.values()].concat(unknown);
  });
}

function kindOf(capability: unknown): unknown {
  return typeof capability === 'object' && capability !== null && 'kind' in capability
    ? capability.kind
    : undefined;
}

/** One arbitrary for each form of each capability: what that form, and no other, is printed as. */
function forms(contents: readonly Content<unknown>[], dialect: Dialect): Arbitrary<unknown>[] {
  const all = contents.filter((each) => each.kind === 'record');
  const isPrinted = (form: RecordType<unknown>, value: unknown): boolean =>
    all.find(
      (each) => each.capability === form.capability && (each.suits?.(value, dialect) ?? true),
    ) === form;
  return all
    .filter((form) => !(form.single && dialect !== 'libvirt'))
    .map((form) =>
      structure(form, dialect).map((made) => (isPrinted(form, made) ? made : undefined)),
    );
}

function content(type: Content<unknown>, dialect: Dialect): Arbitrary<unknown> {
  return type.kind === 'record' ? structure(type, dialect) : valueOf(type);
}

/** Values a type expects, by the very words its messages use: so these are tested too. */
function valueOf(type: ValueType<unknown>): Arbitrary<unknown> {
  return written(type.expected).map((text) => {
    const parsed = type.parse(text);
    if (parsed === undefined) throw new Error(`'${text}' is not ${type.expected}`);
    return parsed;
  });
}

function written(expected: string): Arbitrary<string> {
  const range = /^a (?:whole |hexadecimal )?number (?:from (\S+) to|up to) (\S+)$/.exec(expected);
  if (range !== null) {
    const [, min = '0x0', max = ''] = range;
    const isHex = max.startsWith('0x');
    return fc
      .bigInt({ min: min.startsWith('-') ? -BigInt(min.slice(1)) : BigInt(min), max: BigInt(max) })
      .map((number) => (isHex ? `0x${number.toString(16)}` : number.toString()));
  }
  const form = FORMS[expected];
  if (form !== undefined) return form;
  return fc.constantFrom(...expected.split(/, | or /));
}

const FORMS: Readonly<Record<string, Arbitrary<string>>> = {
  text: anyText,
  'a uuid: 32 hexadecimal digits, with or without hyphens': fc.uuid(),
  '16 hexadecimal digits': fc.stringMatching(/^(?:0x)?[0-9a-fA-F]{16}$/),
  'a speed in GT/s': fc.stringMatching(/^[0-9]{1,3}(?:\.[0-9])?$/),
  'letters, - and _': fc.stringMatching(/^[a-zA-Z_-]{1,9}$/),
  'a profile of GPU instances such as 1g.18gb': fc.stringMatching(
    /^[1-7]g\.[1-9]{1,3}gb(?:[+-][a-z]{1,3})?$/,
  ),
  'one digit or capital letter': fc.stringMatching(/^[0-9A-Z]$/),
};
