import * as fc from 'fast-check';
import type { NameClass } from '../../src/relaxng/name-class.ts';
import { definitionOf, type SchemaNode } from '../../src/relaxng/schema-node.ts';
import type { XmlAttribute, XmlElement, XmlNode } from '../../src/xml/element.ts';

/** From 0 to below `limit`. */
export type Random = (limit: number) => number;

/** The same numbers for the same seed (Marsaglia's xorshift). */
export function randomOf(seed: number): Random {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

interface Content {
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
}

const NOTHING: Content = { attributes: [], children: [] };

/** What a schema allows, one of its ways at random; undefined where a way leads to `notAllowed`. */
export function randomContent(node: SchemaNode, random: Random): Content | undefined {
  switch (node.kind) {
    case 'empty':
      return NOTHING;
    case 'notAllowed':
      return undefined;
    case 'text':
      return textOf(random(4) === 0 ? '' : `text ${random(100)}`);
    case 'element':
      return elementOf(node, random);
    case 'attribute': {
      const content = randomContent(node.content, random);
      const name = nameOf(node.nameClass);
      return content === undefined || name === undefined
        ? undefined
        : { attributes: [{ name, value: plainText(content) }], children: [] };
    }
    case 'choice': {
      const first = random(node.members.length);
      for (let step = 0; step < node.members.length; step += 1) {
        const member = node.members[(first + step) % node.members.length];
        const content = member && randomContent(member, random);
        if (content !== undefined) return content;
      }
      return undefined;
    }
    case 'group':
      return together(node.members, random);
    case 'interleave':
      return together(shuffled(node.members, random), random);
    case 'oneOrMore':
      return together(
        Array.from({ length: 1 + random(2) }, () => node.item),
        random,
      );
    case 'list':
      return randomContent(node.item, random);
    case 'data': {
      const text = dataOf(node, random);
      return text === undefined ? undefined : textOf(text);
    }
    case 'value':
      return textOf(node.text);
    case 'ref': {
      const { combine, bodies } = definitionOf(node);
      const location = node.location;
      return randomContent(
        { kind: combine === 'interleave' ? 'interleave' : 'choice', members: bodies, location },
        random,
      );
    }
    default:
      throw new Error('a node of another kind');
  }
}

function elementOf(
  { nameClass, content }: Extract<SchemaNode, { readonly kind: 'element' | 'attribute' }>,
  random: Random,
): Content | undefined {
  const name = nameOf(nameClass);
  const inside = randomContent(content, random);
  if (name === undefined || inside === undefined) return undefined;
  const element: XmlElement = { kind: 'element', name, ...inside };
  return { attributes: [], children: [element] };
}

function together(members: readonly SchemaNode[], random: Random): Content | undefined {
  let all = NOTHING;
  for (const member of members) {
    const content = randomContent(member, random);
    if (content === undefined) return undefined;
    all = {
      attributes: [...all.attributes, ...content.attributes],
      children: [...all.children, ...content.children],
    };
  }
  return all;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => [random(1_000_000), item] as const)
    .toSorted(([left], [right]) => left - right)
    .map(([, item]) => item);
}

function nameOf(nameClass: NameClass): string | undefined {
  if (nameClass.kind === 'name') return nameClass.local;
  return nameClass.kind === 'choice'
    ? nameOf(nameClass.members[0] ?? { kind: 'anyName' })
    : undefined;
}

const textOf = (text: string): Content => ({
  attributes: [],
  children: text === '' ? [] : [{ kind: 'text', text }],
});

const plainText = ({ children }: Content): string =>
  children.map((child) => (child.kind === 'text' ? child.text : '')).join('');

/** Numbers that every type of them holds, and words. */
const CANDIDATES = [
  '1',
  '0',
  '7',
  '12',
  '255',
  '0x1',
  '0x00',
  '0x0001',
  'yes',
  'word',
  '/dev/x',
  '-1',
];

function dataOf(
  { datatype }: Extract<SchemaNode, { readonly kind: 'data' }>,
  random: Random,
): string | undefined {
  const pattern = datatype.parameters.find(({ name }) => name === 'pattern')?.value;
  const made =
    pattern === undefined
      ? []
      : fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), {
          numRuns: 8,
          seed: random(1_000_000),
        });
  return [...made, ...shuffled(CANDIDATES, random)].find((text) => datatype.accepts(text));
}
