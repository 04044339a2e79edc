import type { Issue, Location } from '../errors.ts';
import { attributeOf, type XmlElement } from '../xml/element.ts';
import type { OtherCapability } from './device.ts';
import * as say from './messages.ts';
import type { Content, Entry, RecordType, Tag } from './table.ts';
import { isBlank } from './white-space.ts';

type Values = Record<string, unknown>;

/** Stands for a value that could not be read and was reported, so that it is not reported as missing too. */
const INVALID = Symbol('invalid');

/**
 * Reads elements by their tables. It goes on after a mistake, so that one run finds all: while `problems` is not
 * empty, what it returns is incomplete and must not be used. As everywhere in libvirt, what is empty is absent.
 */
export class Reader {
  readonly problems: Issue[] = [];
  readonly #subject: string;
  readonly #capabilityTypes: ReadonlySet<string>;

  /** `subject` is the device's name for messages; `capabilityTypes` all types that have a place somewhere. */
  constructor(subject: string, capabilityTypes: ReadonlySet<string>) {
    this.#subject = subject;
    this.#capabilityTypes = capabilityTypes;
  }

  /** The object the element describes; for a single value, that value. */
  read<T>(type: RecordType<T>, element: XmlElement): T {
    const before = this.problems.length;
    const values: Values = type.capability === undefined ? {} : { kind: type.capability };
    this.#readAttributes(type, element, values);
    this.#readChildren(type, element, values);
    this.#complete(type, element, values);
    if (this.problems.length === before) {
      const sentence = type.check?.(values as T, this.#subject);
      if (sentence !== undefined) this.#report(sentence, element.location);
    }
    // The one place where the table vouches for a type: T was inferred from its lines or is held to them.
    return (type.single ? values['value'] : values) as T;
  }

  #readAttributes(type: RecordType<unknown>, element: XmlElement, values: Values): void {
    for (const { name, value: written, location } of element.attributes) {
      const entry = type.attributes.get(name);
      if (entry === undefined) {
        if (name !== type.tag?.[0]) this.#reportAttribute(element, name, location, type);
      } else if (written !== '') {
        const general = say.invalidAttribute(name, element.name, written);
        values[entry.key] = this.#convert(entry, written, general, location);
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
    this.#readText(type.content, element, written, values);
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
    if (field.place === 'child') {
      if (key in values) this.#report(say.repeatedElement(element.name), element.location);
      const value = this.#readContent(entry, element);
      if (value !== undefined) values[key] = value;
      return;
    }
    const earlier = values[key];
    const list: unknown[] = Array.isArray(earlier) ? earlier : [];
    values[key] = list;
    list.push(
      field.place === 'capabilities'
        ? this.#readCapability(entry, element)
        : this.#readContent(entry, element),
    );
  }

  #readContent(entry: Entry, element: XmlElement): unknown {
    const [type] = entry.field.contents;
    if (type?.kind === 'record') return this.read(type, element);
    for (const { name, location } of element.attributes) {
      this.#reportAttribute(element, name, location);
    }
    let written = '';
    for (const node of element.children) {
      if (node.kind === 'text') written += node.text;
      else if (node.kind === 'element') this.#reportChild(element, node, []);
    }
    if (written === '') return undefined;
    const general = say.invalidText(element.name, written);
    return this.#convert(entry, written, general, element.location);
  }

  #readCapability({ field }: Entry, element: XmlElement): unknown {
    const type = attributeOf(element, 'type') ?? '';
    const known = field.contents.filter((candidate) => candidate.kind === 'record');
    const found = known.find(({ tag }) => tag?.[1] === type);
    if (found !== undefined) return this.read(found, element);
    if (type === '') {
      this.#report(say.missingAttribute('type', element.name), element.location);
    } else if (this.#capabilityTypes.has(type)) {
      const types = known.map(({ tag }) => tag?.[1] ?? '');
      this.#report(say.misplacedCapability(type), element.location, say.allowedHere(types));
    }
    return { kind: 'other', type, element } satisfies OtherCapability;
  }

  #readText(entry: Entry | undefined, element: XmlElement, written: string, values: Values): void {
    if (entry === undefined) {
      if (!isBlank(written)) this.#report(say.unexpectedText(element.name), element.location);
    } else if (entry.key in values) {
      if (!isBlank(written)) {
        this.#report(say.twoValues(element.name, entry.field.name), element.location);
      }
    } else if (written !== '' || entry.field.required) {
      const general = say.invalidText(element.name, written);
      values[entry.key] = this.#convert(entry, written, general, element.location);
    }
  }

  /** Gives absent lists their empty value and reports what is required and absent. */
  #complete(type: RecordType<unknown>, element: XmlElement, values: Values): void {
    for (const { key, field } of type.entries) {
      if (key in values) continue;
      if (field.place === 'children' || field.place === 'capabilities') values[key] = [];
      if (field.required) {
        const general =
          field.place === 'attribute'
            ? say.missingAttribute(field.name, element.name)
            : say.missingElement(field.name, element.name);
        this.#report(field.wording.missing?.(this.#subject) ?? general, element.location);
      }
    }
  }

  #convert(
    { field }: Entry,
    written: string,
    general: string,
    location: Location | undefined,
  ): unknown {
    const [type] = field.contents;
    if (type?.kind !== 'value') return undefined;
    const value = type.parse(written);
    if (value !== undefined) return value;
    const message = field.wording.invalid?.(this.#subject, written) ?? general;
    this.#report(message, location, say.expectedValue(type.expected));
    return INVALID;
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

  #reportAttribute(
    element: XmlElement,
    name: string,
    location: Location | undefined,
    type?: RecordType<unknown>,
  ): void {
    const message = say.unexpectedAttribute(name, element.name);
    this.#report(message, location, say.allowedHere([...(type?.attributes.keys() ?? [])]));
  }

  #report(message: string, location: Location | undefined, hint?: string): void {
    this.problems.push({ code: 'nodedev-invalid', message, severity: 'error', location, hint });
  }
}

/** Whether the element is one of the entry's: of the right tag, where tags tell elements of one name apart. */
function isTagged({ field }: Entry, element: XmlElement): boolean {
  if (field.place === 'capabilities') return true;
  const [tag] = tagsOf(field.contents);
  return tag === undefined || attributeOf(element, tag[0]) === tag[1];
}

function tagsOf(contents: readonly Content<unknown>[]): readonly Tag[] {
  return contents.flatMap((type) =>
    type.kind === 'record' && type.tag !== undefined ? [type.tag] : [],
  );
}
