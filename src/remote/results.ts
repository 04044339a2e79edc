import * as v from 'valibot';
import { flag, optionalText, text } from '../arguments.ts';
import { NodedevError } from '../errors.ts';
import { inventoryCards } from '../plan/inventory-shape.ts';
import { issueShape } from './values.ts';

// What the methods of a connection answer. The other machine may send anything: what is not of this form goes no further.

const number = v.number();
const optionalNumber = v.optional(number);
const texts = v.array(text);
const error = v.instance(NodedevError);
const domain = v.object({ name: text, uuid: optionalText });
const owner = v.optional(v.object({ ...domain.entries, by: v.optional(text) }));
const namedValues = v.array(v.object({ name: text, value: text }));

export const nothing = v.undefined();
export const string = text;
export const strings = texts;
export const numbers = v.array(number);
export const issues = v.array(issueShape);
export const listOf = <T extends v.GenericSchema>(item: T) =>
  v.object({ items: v.array(item), problems: v.array(error) });
export const { array: arrayOf } = v;

const listedDevice = v.object({
  name: text,
  capabilities: texts,
  parent: optionalText,
  active: v.boolean(),
  persistent: v.boolean(),
  uuid: optionalText,
  parentAddress: optionalText,
  type: optionalText,
  group: optionalText,
  owner,
  alias: optionalText,
  autostart: flag,
});
export const list = listOf(listedDevice);

export const device = v.object({
  ...listedDevice.entries,
  autostart: v.boolean(),
  foreign: flag,
  deviceNodes: v.optional(texts),
  unbound: v.optional(v.literal(true)),
  socket: optionalText,
  channelDevice: optionalText,
  physicalFunction: optionalText,
  plainFunction: optionalText,
  share: v.optional(namedValues),
});
export const devices = v.array(device);

/** Its capabilities are many; what prints them takes any text. */
export const nodeDevice = v.looseObject({
  name: optionalText,
  devnodes: v.array(v.looseObject({})),
  capabilities: v.array(v.looseObject({ kind: text })),
  extra: v.array(v.looseObject({})),
});

export const group = v.object({
  name: text,
  number: optionalNumber,
  members: v.array(
    v.object({
      name: text,
      active: v.boolean(),
      uuid: text,
      parent: text,
      parentAddress: text,
      type: optionalText,
    }),
  ),
  owner,
  open: flag,
  committed: flag,
});
export const groups = v.array(group);
export const created = v.object({ devices, group });
export const updated = v.object({ device, live: v.boolean(), config: v.boolean() });
export const startedParent = v.object({
  started: devices,
  failed: v.array(v.object({ device, error })),
});

const orphan = v.object({ group: text, devices, age: optionalNumber });
export const collected = v.object({
  orphans: v.array(orphan),
  failed: v.array(v.object({ orphan, error })),
  forgotten: texts,
});
export const domainRun = v.object({ domain, groups: texts, devices });

export const types = listOf(
  v.object({
    parent: text,
    id: text,
    name: optionalText,
    deviceApi: text,
    availableInstances: number,
    used: number,
    attributes: namedValues,
    facts: v.record(text, v.optional(v.union([number, text]))),
    sources: v.record(text, text),
    requiresGroup: v.boolean(),
    channelDevice: optionalText,
  }),
);
export const mdevctlParents = listOf(
  v.object({
    parent: text,
    types: v.array(
      v.object({
        id: text,
        availableInstances: number,
        deviceApi: text,
        name: optionalText,
        description: optionalText,
      }),
    ),
  }),
);
export const mdevctlDevices = listOf(
  v.object({
    uuid: text,
    parent: text,
    type: optionalText,
    autostart: v.boolean(),
    active: v.boolean(),
    defined: v.boolean(),
    attributes: namedValues,
    problem: v.optional(error),
  }),
);
export const captured = v.object({ profile: text, caveats: texts });
export const reports = v.array(v.object({ file: optionalText, issues }));
export const recoveryState = v.object({
  last: v.optional(v.object({ time: number, operations: number })),
  pending: number,
  left: number,
});

export const predictions = listOf(
  v.looseObject({ parent: text, type: text, name: optionalText, before: number }),
);
const blockers = v.array(v.object({ name: text, uuid: text, type: text, holder: optionalText }));
export const explanations = listOf(
  v.object({
    parent: text,
    type: text,
    name: optionalText,
    available: number,
    maximum: optionalNumber,
    confidence: text,
    rule: text,
    requiresGroup: v.boolean(),
    blockedBy: blockers,
    freedBy: v.array(blockers),
  }),
);
const placed = v.object({ request: number, group: optionalText, parent: text, type: text });
export const placement = v.variant('fits', [
  v.object({
    fits: v.literal(true),
    policy: text,
    devices: v.array(placed),
    cost: number,
    bound: number,
    caveats: texts,
  }),
  v.object({
    fits: v.literal(false),
    policy: text,
    proven: v.boolean(),
    reason: text,
    changes: texts,
  }),
]);

/** What `apply` takes of it is checked there. */
const actions = v.array(v.looseObject({ action: text }));
export const plan = v.object({
  version: v.literal(1),
  applicable: v.boolean(),
  host: v.object({
    fingerprint: text,
    parents: v.optional(texts),
    setups: v.optional(texts),
  }),
  actions,
  left: v.array(v.object({ name: text, uuid: text, reason: text, by: optionalText })),
  refusals: issues,
  warnings: issues,
  predictions: v.array(v.object({ parents: texts, types: v.array(v.looseObject({ type: text })) })),
});
export const applied = v.object({ actions, devices });

const onTopology = v.array(
  v.looseObject({ name: text, uuid: text, parent: text, active: v.boolean() }),
);
export const topology = v.object({
  uri: text,
  generation: optionalText,
  cards: v.array(
    v.looseObject({
      parents: v.array(v.object({ name: text, address: text })),
      types: v.array(v.looseObject({ id: text, used: number, free: number, confidence: text })),
      devices: onTopology,
      load: optionalNumber,
    }),
  ),
  absent: onTopology,
  groups,
  domains: v.array(v.object({ ...domain.entries, groups: texts })),
  problems: v.array(error),
});
export const inventory = v.object({
  version: v.literal(1),
  generation: optionalText,
  topology: v.object({ ...topology.entries, problems: issues }),
  cards: inventoryCards,
});

const SOURCES = ['udev', 'poll', 'log', 'memory'];
export const source = v.picklist(SOURCES);
const subject = { name: text, uuid: optionalText, time: number };
export const event = v.variant('kind', [
  v.object({
    ...subject,
    kind: v.literal('lifecycle'),
    change: v.picklist(['created', 'deleted', 'defined', 'undefined']),
  }),
  v.object({ ...subject, kind: v.literal('update') }),
]);
export const attached = v.array(v.object({ name: text, uuid: text, socket: text }));
