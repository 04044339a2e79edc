import * as v from 'valibot';

const natural = v.pipe(v.number(), v.integer(), v.minValue(0));
const below = (limit: number) => v.pipe(natural, v.maxValue(limit - 1));
const method = v.optional(v.function());
const id = below(0x1_0000);

const shape = v.object({
  ids: v.object({
    class: below(0x100_0000),
    vendor: id,
    product: id,
    subsystem: v.optional(v.object({ vendor: id, product: id })),
  }),
  interrupts: v.boolean(),
  capabilities: v.optional(v.instance(Uint8Array)),
  regions: v.map(
    // Not a ROM, configuration space or VGA, of which VFIO makes the second itself.
    v.union([below(6), v.pipe(natural, v.minValue(9), v.maxValue(63))]),
    v.object({
      size: natural,
      space: v.optional(v.picklist(['io', 'memory', 'prefetchable'])),
      memory: v.optional(v.object({ size: natural, read: v.function(), write: v.function() })),
      mapped: v.optional(v.array(v.object({ offset: natural, size: natural }))),
      type: v.optional(v.object({ type: natural, subtype: natural })),
      read: method,
      write: method,
    }),
  ),
  reset: v.function(),
});

/**
 * What makes a device of one's own driver, as one that makes what can be a device.
 *
 * @throws TypeError where it is none, with what is wrong about it
 */
export function checkedModel(
  plug: (...args: unknown[]) => unknown,
): (...args: unknown[]) => unknown {
  return (...args) => {
    const model = plug(...args);
    if (model instanceof Promise) return model; // refused as every promise is
    const { issues } = v.safeParse(shape, model);
    if (issues === undefined) return model;
    const [issue] = issues;
    const where = v.getDotPath(issue);
    throw new TypeError(`no device: ${where === null ? '' : `${where}: `}${issue.message}`);
  };
}
