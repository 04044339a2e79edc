import * as v from 'valibot';

const list = v.array(v.looseObject({}));

/** How a topology begins, for programs without types. */
export const topologyShape = v.looseObject({
  uri: v.string(),
  read: v.optional(v.looseObject({ on: v.string(), at: v.string() })),
  cards: v.array(v.looseObject({ parents: list, types: list, devices: list })),
  absent: list,
  groups: list,
  domains: list,
  problems: list,
});
