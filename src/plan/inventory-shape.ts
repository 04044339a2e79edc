import * as v from 'valibot';

const text = v.string();
const optional = v.optional(text);
const named = v.optional(v.array(v.looseObject({ name: text, value: text })));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/**
 * The cards of a {@link HostInventory} that came from elsewhere, as far as placing reads them: what is of another form would end in the
 * drivers' rules. What a newer program adds is no harm.
 */
export const inventoryCards = v.array(
  v.pipe(
    v.looseObject({
      card: v.looseObject({
        parents: v.array(text),
        types: v.array(
          v.looseObject({
            id: text,
            deviceApi: text,
            name: optional,
            description: optional,
            ownDescription: optional,
            sources: v.optional(v.record(text, text)),
            files: named,
            instances: v.optional(count),
            attributes: named,
          }),
        ),
        devices: v.array(v.looseObject({ uuid: text, parent: text, type: text, holder: optional })),
        isFunctions: v.optional(v.literal(true)),
        settings: v.record(text, text),
      }),
      parents: v.array(
        v.looseObject({
          name: text,
          address: text,
          numaNode: v.optional(v.number()),
          physicalFunction: optional,
          product: optional,
          channelDevice: optional,
          available: v.array(v.nullable(count)),
        }),
      ),
    }),
    // Cards of one kind are looked at once, on whichever hosts they are.
    v.check(({ card, parents }) => {
      const addresses = new Set(parents.map(({ address }) => address));
      const own = new Set(card.parents);
      return (
        addresses.size === parents.length &&
        own.size === card.parents.length &&
        card.parents.every((each) => addresses.has(each)) &&
        parents.every(({ available }) => available.length === card.types.length)
      );
    }, 'its parents are not those of the card'),
  ),
);
