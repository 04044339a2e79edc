import type { NamedValue } from '../../nodedev/device.ts';
import { descriptionItems, memoryItem, numberAmong, resolutionItems } from '../description.ts';
import type { CardDevice, CardType } from '../driver.ts';
import { once } from '../once.ts';

/** What a type's description says. */
export interface Facts {
  readonly attributes: readonly NamedValue[];
  /** Framebuffer in KiB. */
  readonly framebuffer: number;
  /** The most vGPUs of the type on one GPU. */
  readonly maxInstance: number;
}

export const factsOf = once((type: CardType): Facts => {
  const attributes = descriptionItems(type.description).flatMap((item) => {
    if (item.name === 'framebuffer') return [memoryItem(item)];
    if (item.name === 'max_resolution') return resolutionItems(item.value) ?? [item];
    return [item];
  });
  return {
    attributes,
    framebuffer: numberAmong(attributes, 'framebuffer') ?? 0,
    maxInstance: numberAmong(attributes, 'max_instance') ?? 0,
  };
});

export const maxInstanceOf = (type: CardType): number => factsOf(type).maxInstance;

/** What prevents another vGPU, and how many more there could be on the whole GPU. */
export interface Verdict {
  readonly left: number;
  /** Makes the sentence, when it is needed. */
  readonly rule: () => string;
  /** Listed only for who asks. */
  readonly blockedBy: () => readonly CardDevice[];
}
