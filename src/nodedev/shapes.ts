import * as v from 'valibot';

// Beside the functions that take them, whose types a program without this package's dependencies reads.

export const nodeDeviceShape = v.looseObject({
  capabilities: v.array(v.looseObject({ kind: v.string() })),
});
export const dialectShape = v.optional(v.picklist(['libvirt', 'thread', 'extended']));
