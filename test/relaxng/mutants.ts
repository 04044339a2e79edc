import type { XmlAttribute, XmlElement, XmlNode } from '../../src/xml/element.ts';

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What documents are made of: mutants take names and values from here, so that many are nearly right. */
export interface Vocabulary {
  readonly elements: readonly XmlElement[];
  readonly attributes: readonly XmlAttribute[];
  readonly values: readonly string[];
}

/** Values no document has, at the edges of types. */
const oddValues = [
  '',
  ' ',
  '0',
  '-1',
  '+1',
  '01',
  '0x',
  '0x10000',
  '4294967296',
  '1.5',
  'yes',
  'on',
  'x y',
  'ä',
  '1e3',
];

export function vocabularyOf(documents: readonly XmlElement[]): Vocabulary {
  const elements: XmlElement[] = [];
  const visit = (element: XmlElement): void => {
    elements.push(element);
    for (const child of element.children) if (child.kind === 'element') visit(child);
  };
  documents.forEach(visit);
  const attributes = elements.flatMap((element) => element.attributes);
  const texts = elements.flatMap(({ children }) =>
    children.flatMap((child) =>
      child.kind === 'text' && child.text.trim() !== '' ? [child.text] : [],
    ),
  );
  const values = new Set([...attributes.map(({ value }) => value), ...texts, ...oddValues]);
  return { elements, attributes, values: [...values] };
}

/** A copy of a document with one to three changes. */
export function mutate(
  root: XmlElement,
  { elements, attributes, values }: Vocabulary,
  random: () => number,
): XmlElement {
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  let copy = root;
  for (let changes = 1 + below(3); changes > 0; changes -= 1) {
    const target = pick(vocabularyOf([copy]).elements) ?? copy;
    copy = replace(copy, target, changed(target));
  }
  return copy;

  function changed(element: XmlElement): XmlElement {
    const { children } = element;
    const at = below(children.length + 1);
    const without = children.filter((_, index) => index !== at);
    const child = children[at];
    const attribute = below(element.attributes.length);
    switch (below(11)) {
      case 0:
        return { ...element, name: pick(elements)?.name ?? element.name };
      case 1:
        return { ...element, children: without };
      case 2:
        return child === undefined ? element : { ...element, children: [...children, child] };
      case 3:
        return child === undefined
          ? element
          : { ...element, children: insert(without, child, below(children.length)) };
      case 4:
        return { ...element, children: insert(children, pick(elements) ?? element, at) };
      case 5:
        return {
          ...element,
          children: insert(children, { kind: 'text', text: pick(values) ?? '' }, at),
        };
      case 6:
        return { ...element, children: [{ kind: 'text', text: pick(values) ?? '' }] };
      case 7:
        return {
          ...element,
          attributes: element.attributes.filter((_, index) => index !== attribute),
        };
      case 8:
        return withAttribute(element, pick(attributes)?.name ?? 'x', pick(values) ?? '');
      case 9: {
        const other = pick(attributes);
        return other === undefined ? element : withAttribute(element, other.name, other.value);
      }
      default: {
        const old = element.attributes[attribute];
        return old === undefined ? element : withAttribute(element, old.name, pick(values) ?? '');
      }
    }
  }
}

function withAttribute(element: XmlElement, name: string, value: string): XmlElement {
  const others = element.attributes.filter((attribute) => attribute.name !== name);
  return { ...element, attributes: [...others, { name, value }] };
}

function insert(list: readonly XmlNode[], node: XmlNode, at: number): readonly XmlNode[] {
  return [...list.slice(0, at), node, ...list.slice(at)];
}

function replace(root: XmlElement, target: XmlElement, by: XmlElement): XmlElement {
  if (root === target) return by;
  const children = root.children.map((child) =>
    child.kind === 'element' ? replace(child, target, by) : child,
  );
  return children.every((child, index) => child === root.children[index])
    ? root
    : { ...root, children };
}

/** The document as text, white space and all. */
export function serialise(node: XmlNode): string {
  if (node.kind === 'text') return node.text.replaceAll(/[&<>]/gu, reference);
  if (node.kind === 'comment') return `<!--${node.text}-->`;
  if (node.kind === 'instruction') return `<?${node.target} ${node.text}?>`;
  const attributes = node.attributes
    .map(({ name, value }) => ` ${name}="${value.replaceAll(/[&<"\r\n\t]/gu, reference)}"`)
    .join('');
  return `<${node.name}${attributes}>${node.children.map(serialise).join('')}</${node.name}>`;
}

function reference(char: string): string {
  return `&#${char.charCodeAt(0)};`;
}
