import type { XmlAttribute, XmlElement, XmlNode } from '../xml/element.ts';
import type { Dialect, ExtraAttribute } from './model.ts';
import type { Content, Entry, RecordType } from './table.ts';

/** Writes objects by their tables, in the order of the tables. */
export class Writer {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The element of a value. `depth` is the number of elements around it. */
  write(type: RecordType<unknown>, value: unknown, name: string, depth: number): XmlElement {
    const attributes: XmlAttribute[] = [];
    const children: XmlNode[] = [];
    if (type.tag !== undefined) attributes.push({ name: type.tag[0], value: type.tag[1] });
    const values: unknown = type.single ? { value } : value;
    if (isObject(values)) {
      for (const entry of type.entries) {
        const held = values[entry.key];
        const shown = entry.field.printed ? entry.field.printed(held, this.#dialect) : held;
        if (shown !== undefined) this.#writeField(entry, shown, attributes, children, depth);
      }
      if (this.#dialect !== 'libvirt') {
        if (type.extensible) children.push(...elements(values));
        addAttributes(values, attributes, children);
      }
    }
    // libvirt closes a device's capability on a line of its own even when it is empty.
    const isExpanded = type.expanded || (type.capability !== undefined && depth === 1);
    if (isExpanded && children.length === 0) {
      children.push({ kind: 'text', text: `\n${'  '.repeat(depth)}` });
    }
    return { kind: 'element', name, attributes, children };
  }

  #writeField(
    { field }: Entry,
    value: unknown,
    attributes: XmlAttribute[],
    children: XmlNode[],
    depth: number,
  ): void {
    const { place, name, contents } = field;
    if (place === 'capabilities' || place === 'nested') {
      for (const item of list(value))
        children.push(...this.#writeCapability(contents, item, depth));
      return;
    }
    const [type] = contents;
    if (type === undefined) return;
    if (place === 'children') {
      for (const item of list(value)) children.push(this.#writeElement(type, item, name, depth));
    } else if (place === 'child') children.push(this.#writeElement(type, value, name, depth));
    else if (type.kind === 'value') {
      const text = type.format(value);
      if (place === 'attribute') attributes.push({ name, value: text });
      else if (text !== '') children.push({ kind: 'text', text });
    }
  }

  #writeElement(type: Content<unknown>, value: unknown, name: string, depth: number): XmlElement {
    if (type.kind === 'record') return this.write(type, value, name, depth + 1);
    const children: XmlNode[] = [{ kind: 'text', text: type.format(value) }];
    return { kind: 'element', name, attributes: [], children };
  }

  #writeCapability(
    contents: readonly Content<unknown>[],
    value: unknown,
    depth: number,
  ): readonly XmlElement[] {
    if (!isObject(value)) return [];
    if (value['kind'] === 'other') return isElement(value['element']) ? [value['element']] : [];
    const forms = contents.filter((type) => type.kind === 'record');
    const fitting = forms.filter(({ capability }) => capability === value['kind']);
    const form = fitting.find((type) => type.suits?.(value, this.#dialect) ?? true);
    return form === undefined ? [] : [this.write(form, value, 'capability', depth + 1)];
  }
}

/** Puts unknown attributes back: to the element itself, or to one of its children. */
function addAttributes(
  values: Readonly<Record<string, unknown>>,
  own: XmlAttribute[],
  children: XmlNode[],
): void {
  for (const unknown of list(values['extraAttributes']).filter(isExtraAttribute)) {
    const { name, value, element, index = 0 } = unknown;
    const named = children.filter((child) => child.kind === 'element' && child.name === element);
    const target = named[index];
    if (element === undefined) own.push({ name, value });
    else if (target?.kind === 'element') {
      const attributes = [...target.attributes, { name, value }];
      children[children.indexOf(target)] = { ...target, attributes };
    }
  }
}

function isExtraAttribute(value: unknown): value is ExtraAttribute {
  return isObject(value) && typeof value['name'] === 'string' && typeof value['value'] === 'string';
}

function elements(values: Readonly<Record<string, unknown>>): readonly XmlElement[] {
  return list(values['extra']).filter(isElement);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isElement(value: unknown): value is XmlElement {
  return isObject(value) && value['kind'] === 'element';
}
