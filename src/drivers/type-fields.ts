import { drivers } from './registry.ts';
import type { TypeFact } from './type-fact.ts';
import {
  commonFacts,
  type DescribedType,
  factAmong,
  typeFacts,
  typeSpellings,
} from './type-facts.ts';

/** A field by which types can be selected and sorted. */
export interface TypeField {
  /** Its name in criteria: `framebuffer`. */
  readonly name: string;
  /** Other names: those of the kernel's descriptions. */
  readonly aliases: readonly string[];
  /** `memory` is in bytes. */
  readonly kind: 'memory' | 'number' | 'word';
  readonly summary: string;
  /** The value of a type; for words, all words that match. Undefined: the type has no value. */
  readonly of: (type: DescribedType) => number | readonly string[] | undefined;
}

const words = (word: string | undefined): readonly string[] | undefined =>
  word === undefined ? undefined : [word];

function fieldOf(fact: TypeFact): TypeField {
  const { name, attribute, aliases = [], kind, summary } = fact;
  return {
    name,
    aliases: [attribute, ...aliases].filter((alias) => alias !== name),
    kind,
    summary,
    of: ({ attributes }) => factAmong(attributes, fact),
  };
}

/** The fields that are not in a type's description. */
const otherFields: readonly TypeField[] = [
  {
    name: 'free',
    aliases: ['available', 'available_instances'],
    kind: 'number',
    summary: 'instances that can still be created',
    of: (type) => type.availableInstances,
  },
  {
    name: 'series',
    aliases: [],
    kind: 'word',
    summary: 'A, B, C or Q (NVIDIA)',
    of: (type) => words(typeFacts(type).series),
  },
  {
    name: 'board',
    aliases: [],
    kind: 'word',
    summary: 'the GPU the name says: M60 (NVIDIA)',
    of: (type) => words(typeFacts(type).board),
  },
  {
    name: 'name',
    aliases: [],
    kind: 'word',
    summary: 'full or short name',
    of: (type) => (type.name === undefined ? undefined : typeSpellings(type)),
  },
  {
    name: 'id',
    aliases: [],
    kind: 'word',
    summary: 'id, or its number',
    of: ({ id }) => typeSpellings({ id }),
  },
];

/** All fields, in the order of the documentation. Facts of two drivers with the same name are one field. */
export function typeFields(): readonly TypeField[] {
  const facts = [...commonFacts, ...drivers.flatMap((driver) => driver.facts ?? [])];
  const byName = new Map(facts.toReversed().map((fact) => [fact.name, fact]));
  return [...[...byName.values()].toReversed().map(fieldOf), ...otherFields];
}

/** A field by one of its names, in any case. */
export function typeField(name: string): TypeField | undefined {
  const wanted = name.toLowerCase();
  return typeFields().find((field) => field.name === wanted || field.aliases.includes(wanted));
}
