import type { Issue, Location } from '../errors.ts';
import { attributeOf, childElements, textOf, type XmlElement } from '../xml/element.ts';
import type { ExtraAttribute, OtherCapability } from './model.ts';
import { locationOf, rememberLocation } from './location.ts';
import * as say from './messages.ts';
import type { Content, Entry, Field, RecordType, Tag } from './table.ts';
import { isBlank } from './white-space.ts';

type Values = Record<string, unknown>;

/**
 * Reads elements by their tables. It continues after a mistake, so that one run finds all of them. When `problems` is not
 * empty, the returned object is incomplete and must not be used. As in libvirt, an empty value counts as absent.
 */
export class Reader {
  readonly problems: Issue[] = [];
  readonly #subject: string;
  readonly #capabilityTypes: ReadonlySet<string>;
  /** Unknown attributes of an element whose value has no place for them; its parent has. */
  #unplaced: ExtraAttribute[] = [];

  /** `subject` is the device's name in messages. `capabilityTypes` are all types that are allowed anywhere. */
  constructor(subject: string, capabilityTypes: ReadonlySet<string>) {
    this.#subject = subject;
    this.#capabilityTypes = capabilityTypes;
  }

  /** The object that the element describes; for a single value, that value. Undefined when there are problems. */
  read<T>(type: RecordType<T>, element: XmlElement): T | undefined {
    const before = this.problems.length;
    const values: Values = type.capability === undefined ? {} : { kind: type.capability };
    this.#readAttributes(type, element, values);
    this.#readChildren(type, element, values);
    this.#complete(type, element, values);
    if (type.single) this.#refuseUnknown(values);
    const value: unknown = type.single ? values['value'] : values;
    if (this.problems.length > before || !type.holds(value)) return undefined;
    const sentence = type.check?.(value, this.#subject);
    if (sentence !== undefined) {
      this.#report(sentence, element.location);
      return undefined;
    }
    rememberLocation(values, element.location);
    return value;
  }

  #readAttributes(type: RecordType<unknown>, element: XmlElement, values: Values): void {
    for (const { name, value: written, location } of element.attributes) {
      const entry = type.attributes.get(name);
      if (entry === undefined) {
        // A newer libvirt may print it: it is kept.
        if (name === type.tag?.[0]) continue;
        const unknown = { name, value: written };
        rememberLocation(unknown, location);
        if (type.single) this.#unplaced.push(unknown);
        else addUnknown(values, unknown);
      } else if (written !== '' || entry.field.mayBeEmpty === true) {
        const value = parseValue(entry, written);
        values[entry.key] = value;
        if (value === undefined) {
          const general = say.invalidAttribute(name, element.name, written);
          this.#reportValue(entry, written, general, location);
        }
      }
    }
  }

  #readChildren(type: RecordType<unknown>, element: XmlElement, values: Values): void {
    const extra: XmlElement[] = [];
    let written = '';
    for (const node of element.children) {
      if (node.kind === 'text') written += node.text;
      else if (node.kind === 'element') this.#readChild(type, element, node, values, extra);
    }
    if (type.content !== undefined) this.#readOwnText(type.content, element, written, values);
    else if (!isBlank(written)) this.#report(say.unexpectedText(element.name), element.location);
    if (type.extensible) values['extra'] = extra;
  }

  #readChild(
    type: RecordType<unknown>,
    parent: XmlElement,
    element: XmlElement,
    values: Values,
    extra: XmlElement[],
  ): void {
    const candidates = type.children.get(element.name);
    const entry = candidates?.find((candidate) => isTagged(candidate, element));
    if (entry !== undefined) this.#readInto(entry, element, values);
    else if (candidates !== undefined && element.name !== 'capability') {
      this.#reportTag(candidates, element);
    } else if (type.extensible) extra.push(element);
    else this.#reportChild(parent, element, [...type.children.keys()]);
  }

  #readInto(entry: Entry, element: XmlElement, values: Values): void {
    const { key, field } = entry;
    const [type] = field.contents;
    if (field.place === 'child') {
      if (key in values) this.#report(say.repeatedElement(element.name), element.location);
      if (type?.kind === 'record') {
        const value = this.read(type, element);
        if (!(type.optionalWhenEmpty && isEmpty(value))) values[key] = value;
        this.#place(values, { element: element.name });
      } else this.#readText(entry, element, this.#textOf(element, values), values);
      return;
    }
    const earlier = values[key];
    const list: unknown[] = Array.isArray(earlier) ? earlier : [];
    values[key] = list;
    if (field.place !== 'children') list.push(this.#readCapability(entry, element, list));
    else if (type?.kind === 'record') {
      list.push(this.read(type, element));
      this.#place(values, { element: element.name, index: list.length - 1 });
    }
  }

  /** A value alone has no place for attributes of its element's children. */
  #refuseUnknown({ extraAttributes }: Values): void {
    if (!Array.isArray(extraAttributes)) return;
    for (const { name, element } of extraAttributes) {
      this.#report(say.unexpectedAttribute(String(name), String(element)), undefined);
    }
  }

  #place(values: Values, at: Pick<ExtraAttribute, 'element' | 'index'>): void {
    for (const unknown of this.#unplaced) {
      const placed = { ...unknown, ...at };
      rememberLocation(placed, locationOf(unknown));
      addUnknown(values, placed);
    }
    this.#unplaced = [];
  }

  #readCapability({ field }: Entry, element: XmlElement, earlier: readonly unknown[]): unknown {
    const type = attributeOf(element, 'type') ?? '';
    const found = field.contents.find(
      (form) =>
        form.kind === 'record' && form.tag?.[1] === type && (form.recognises?.(element) ?? true),
    );
    if (found?.kind === 'record') {
      const capability = this.read(found, element);
      if (found.single && isRecord(capability)) {
        for (const unknown of this.#unplaced) addUnknown(capability, unknown);
        this.#unplaced = [];
      }
      const repeats = found.repeats ?? field.place === 'capabilities';
      if (!repeats && earlier.some((other) => isSameKind(other, capability))) {
        this.#report(
          say.repeatedCapability(type),
          element.location,
          field.place === 'nested' ? undefined : say.oneCapability(type),
        );
      }
      return capability;
    }
    if (type === '') {
      this.#report(say.missingAttribute('type', element.name), element.location);
    } else if (this.#capabilityTypes.has(type)) {
      const types = tagsOf(field.contents).map(([, value]) => value);
      this.#report(say.misplacedCapability(type), element.location, say.allowedHere(types));
    }
    return { kind: 'other', type, element } satisfies OtherCapability;
  }

  /** The text of an element that must not have other elements in it. */
  #textOf(element: XmlElement, parent: Values): string {
    for (const { name, value, location } of element.attributes) {
      const unknown = { name, value, element: element.name };
      rememberLocation(unknown, location);
      addUnknown(parent, unknown);
    }
    for (const child of childElements(element)) this.#reportChild(element, child, []);
    return textOf(element);
  }

  #readText(entry: Entry, element: XmlElement, written: string, values: Values): void {
    if (written === '') return;
    const value = parseValue(entry, written);
    values[entry.key] = value;
    if (value === undefined) {
      const general = say.invalidText(element.name, written);
      this.#reportValue(entry, written, general, element.location);
    }
  }

  /** As `#readText`, but an attribute may already have given the value, and a required value may be empty. */
  #readOwnText(entry: Entry, element: XmlElement, written: string, values: Values): void {
    if (!(entry.key in values)) {
      this.#readText(entry, element, written, values);
      if (written === '' && entry.field.required) values[entry.key] = '';
    } else if (!isBlank(written)) {
      this.#report(say.twoValues(element.name, entry.field.name), element.location);
    }
  }

  /** Sets absent lists to an empty list, and reports required fields that are missing. */
  #complete(type: RecordType<unknown>, element: XmlElement, values: Values): void {
    for (const { key, field } of type.entries) {
      if (key in values) continue;
      if (isList(field)) values[key] = [];
      if (field.absent !== undefined) {
        values[key] = field.absent;
        continue;
      }
      if (field.required) {
        const general =
          field.place === 'attribute'
            ? say.missingAttribute(field.name, element.name)
            : say.missingElement(field.name, element.name);
        this.#report(field.wording.missing?.(this.#subject) ?? general, element.location);
      }
    }
  }

  #reportValue(
    { field }: Entry,
    written: string,
    general: string,
    location: Location | undefined,
  ): void {
    const message = field.wording.invalid?.(this.#subject, written) ?? general;
    const [type] = field.contents;
    const hint = type?.kind === 'value' ? say.expectedValue(type.expected) : undefined;
    this.#report(message, location, hint);
  }

  #reportTag(candidates: readonly Entry[], element: XmlElement): void {
    const tags = candidates.flatMap(({ field }) => tagsOf(field.contents));
    const name = tags[0]?.[0] ?? '';
    const written = attributeOf(element, name);
    const message =
      written === undefined
        ? say.missingAttribute(name, element.name)
        : say.invalidAttribute(name, element.name, written);
    const values = tags.map(([, value]) => value).join(' or ');
    this.#report(message, element.location, say.expectedValue(values));
  }

  #reportChild(parent: XmlElement, element: XmlElement, allowed: readonly string[]): void {
    const message = say.unexpectedElement(element.name, parent.name);
    this.#report(message, element.location, say.allowedHere(allowed));
  }

  #report(message: string, location: Location | undefined, hint?: string): void {
    this.problems.push({ code: 'nodedev-invalid', message, severity: 'error', location, hint });
  }
}

function parseValue({ field }: Entry, written: string): unknown {
  const [type] = field.contents;
  return type?.kind === 'value' ? type.parse(written) : undefined;
}

/** Whether the element has the entry's tag, if the entry has one. */
function isTagged({ field }: Entry, element: XmlElement): boolean {
  if (field.place === 'capabilities' || field.place === 'nested') return true;
  for (const type of field.contents) {
    if (type.kind === 'record' && type.tag !== undefined) {
      return attributeOf(element, type.tag[0]) === type.tag[1];
    }
  }
  return true;
}

function tagsOf(contents: readonly Content<unknown>[]): readonly Tag[] {
  return contents.flatMap((type) =>
    type.kind === 'record' && type.tag !== undefined ? [type.tag] : [],
  );
}

function isList({ place }: Field<unknown>): boolean {
  return place === 'children' || place === 'capabilities' || place === 'nested';
}

function addUnknown(values: Values, unknown: ExtraAttribute): void {
  const earlier = values['extraAttributes'];
  const list: readonly unknown[] = Array.isArray(earlier) ? earlier : [];
  values['extraAttributes'] = [...list, unknown];
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isSameKind(first: unknown, second: unknown): boolean {
  return hasKind(first) && hasKind(second) && first.kind === second.kind;
}

function hasKind(value: unknown): value is { readonly kind: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
