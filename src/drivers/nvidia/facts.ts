import type { NamedValue } from '../../nodedev/device.ts';
import { descriptionItems, memoryItem, numberAmong, resolutionItems } from '../description.ts';
import type { CardDevice, CardType } from '../driver.ts';
import { onceForText } from '../once.ts';
import type { TypeFact } from '../type-fact.ts';

/** The items that are memory. */
const MEMORY: ReadonlySet<string> = new Set(['framebuffer', 'guest_framebuffer']);

/** What a type's description says. */
export interface Facts {
  readonly attributes: readonly NamedValue[];
  /** Framebuffer in KiB. */
  readonly framebuffer: number;
  /** The most vGPUs of the type on one GPU. */
  readonly maxInstance: number;
  /** That number in mixed-size mode; undefined: it is not known. */
  readonly maxMixed: number | undefined;
}

const described = onceForText((description): Facts => {
  const attributes = descriptionItems(description).flatMap((item) => {
    if (MEMORY.has(item.name)) return [memoryItem(item)];
    if (item.name === 'max_resolution') return resolutionItems(item.value) ?? [item];
    return [item];
  });
  return {
    attributes,
    framebuffer: numberAmong(attributes, 'framebuffer') ?? 0,
    maxInstance: numberAmong(attributes, 'max_instance') ?? 0,
    maxMixed: numberAmong(attributes, 'max_instance_mixed'),
  };
});

export const factsOf = ({ description = '' }: CardType): Facts => described(description);

/** Whether `maxInstance` is only worked out from names, so that it may be too large. */
export const isGuess = ({ sources }: CardType): boolean => sources?.['max_instance'] === 'name';

export const maxInstanceOf = (type: CardType): number => factsOf(type).maxInstance;

/** What prevents another vGPU, and how many more there could be on the whole GPU. */
export interface Verdict {
  readonly left: number;
  /** Makes the sentence, when it is needed. */
  readonly rule: () => string;
  /** Listed only for who asks. */
  readonly blockedBy: () => readonly CardDevice[];
}

/** What NVIDIA's types say that others do not. */
export const nvidiaFacts: readonly TypeFact[] = [
  {
    key: 'guestFramebuffer',
    name: 'guest-framebuffer',
    attribute: 'guest_framebuffer',
    kind: 'memory',
    summary: 'what the guest gets of the framebuffer (NVIDIA)',
  },
  {
    key: 'maxInstancesMixed',
    name: 'max-instances-mixed',
    attribute: 'max_instance_mixed',
    kind: 'number',
    summary: 'the most of them one GPU takes in mixed-size mode (NVIDIA)',
  },
];
