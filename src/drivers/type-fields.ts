import { type DescribedType, typeFacts, typeSpellings } from './type-facts.ts';

/** Something types can be chosen and sorted by. */
export interface TypeField {
  /** As criteria name it: `framebuffer`. */
  readonly name: string;
  /** Other names: those of the kernel's descriptions. */
  readonly aliases: readonly string[];
  /** `memory` is in bytes. */
  readonly kind: 'memory' | 'number' | 'word';
  readonly summary: string;
  /** What a type has; for words, everything that would do. Undefined: the type does not say. */
  readonly of: (type: DescribedType) => number | readonly string[] | undefined;
}

const words = (word: string | undefined): readonly string[] | undefined =>
  word === undefined ? undefined : [word];

/** Every field, in the order of the documentation. */
export const typeFields: readonly TypeField[] = [
  {
    name: 'framebuffer',
    aliases: ['fb'],
    kind: 'memory',
    summary: 'framebuffer (NVIDIA)',
    of: (type) => typeFacts(type).framebuffer,
  },
  {
    name: 'heads',
    aliases: ['num_heads'],
    kind: 'number',
    summary: 'displays at once',
    of: (type) => typeFacts(type).heads,
  },
  {
    name: 'width',
    aliases: ['hres'],
    kind: 'number',
    summary: 'pixels of the largest resolution',
    of: (type) => typeFacts(type).width,
  },
  {
    name: 'height',
    aliases: ['vres'],
    kind: 'number',
    summary: 'lines of the largest resolution',
    of: (type) => typeFacts(type).height,
  },
  {
    name: 'frame-limit',
    aliases: ['frl_config', 'fps'],
    kind: 'number',
    summary: 'frames per second',
    of: (type) => typeFacts(type).frameLimit,
  },
  {
    name: 'low-memory',
    aliases: ['low_gm_size'],
    kind: 'memory',
    summary: 'mappable graphics memory (Intel)',
    of: (type) => typeFacts(type).lowGraphicsMemory,
  },
  {
    name: 'high-memory',
    aliases: ['high_gm_size'],
    kind: 'memory',
    summary: 'other graphics memory (Intel)',
    of: (type) => typeFacts(type).highGraphicsMemory,
  },
  {
    name: 'video-memory',
    aliases: ['video_memory'],
    kind: 'memory',
    summary: "video memory (the kernel's mbochs)",
    of: (type) => typeFacts(type).videoMemory,
  },
  {
    name: 'fence',
    aliases: [],
    kind: 'number',
    summary: 'fence registers (Intel)',
    of: (type) => typeFacts(type).fence,
  },
  {
    name: 'weight',
    aliases: [],
    kind: 'number',
    summary: "share of the GPU's time (Intel)",
    of: (type) => typeFacts(type).weight,
  },
  {
    name: 'max-instances',
    aliases: ['max_instance'],
    kind: 'number',
    summary: 'the most of them one GPU takes (NVIDIA)',
    of: (type) => typeFacts(type).maxInstances,
  },
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
  { name: 'id', aliases: [], kind: 'word', summary: 'id', of: (type) => [type.id] },
];

/** A field by one of its names, case ignored. */
export function typeField(name: string): TypeField | undefined {
  const wanted = name.toLowerCase();
  return typeFields.find((field) => field.name === wanted || field.aliases.includes(wanted));
}
