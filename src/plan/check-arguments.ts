import * as v from 'valibot';
import { OPERATION_ORDER } from '../engine/devices/operations.ts';
import { NodedevError } from '../errors.ts';
import { CAPABILITY_NAMES } from '../nodedev/capability-names.ts';
import type { Connection } from './connection.ts';

// Programs in JavaScript, and data that came as JSON, have no types: what a method cannot work with is refused before
// it begins. Of options, a name that is none is refused too: `{ dryrun: true }` must not destroy.

const text = v.string();
const optionalText = v.optional(text);
const flag = v.optional(v.boolean());
const seconds = v.optional(v.pipe(v.number(), v.minValue(0)));
const callback = v.optional(v.function());
const bytes = v.union([text, v.instance(Uint8Array)]);
const source = v.union([text, v.object({ text: bytes, file: optionalText })]);
const sources = v.union([source, v.array(source)]);
const names = v.union([text, v.array(text)]);
const domain = v.object({ name: text, uuid: optionalText });
const policy = v.optional(v.picklist(['pack', 'spread']));
const criterion = v.object({
  field: v.object({ name: text, of: v.function() }),
  comparison: v.picklist(['=', '!=', '<', '<=', '>', '>=']),
  value: v.union([v.number(), text]),
});
const type = v.union([text, v.array(criterion)]);
const count = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)));
const options = <T extends v.ObjectEntries>(entries: T) => v.optional(v.strictObject(entries));
const signal = v.optional(v.instance(AbortSignal));
/** Of a method that may wait. */
const call = options({ signal });
const adopt = options({ adopt: flag, signal });
const host = v.object({ fingerprint: text, parents: v.optional(v.array(text)) });

const device = v.object({
  uuid: text,
  parent: text,
  type: text,
  group: text,
  alias: optionalText,
  attributes: v.array(v.object({ name: text, value: text })),
  params: optionalText,
});
const operations = v.array(
  v.union([
    v.object({ action: v.literal('claim'), group: text, owner: domain }),
    v.object({ action: v.picklist(['define', 'redefine']), device, autostart: v.boolean() }),
    v.object({ action: v.picklist(OPERATION_ORDER), device }),
  ]),
);

type Shapes = readonly v.GenericSchema[];

/** What each method takes, argument by argument. */
const METHODS: Readonly<Partial<Record<keyof Connection, Shapes>>> = {
  list: [
    options({
      capabilities: v.optional(v.array(v.picklist(CAPABILITY_NAMES))),
      state: v.optional(v.picklist(['active', 'inactive', 'all'])),
      persistent: flag,
    }),
  ],
  lookup: [text, options({ inactive: flag, dialect: optionalText })],
  info: [text],
  dumpxml: [
    text,
    options({
      dialect: v.optional(v.picklist(['libvirt', 'thread', 'extended'])),
      inactive: flag,
      xpath: optionalText,
      wrap: flag,
    }),
  ],
  create: [sources, options({ validate: flag, signal })],
  destroy: [names, options({ adopt: flag, wait: seconds, signal })],
  destroyGroup: [text, options({ adopt: flag, wait: seconds, signal })],
  define: [sources, options({ validate: flag, adopt: flag, autostart: flag, signal })],
  undefine: [names, call],
  start: [names, call],
  startGroup: [text, call],
  startParent: [text, call],
  autostart: [text, v.boolean(), call],
  update: [text, source, options({ live: flag, config: flag, adopt: flag, signal })],
  group: [text],
  claim: [text, domain, adopt],
  claimDevices: [v.array(text), domain, adopt],
  release: [text, call],
  gc: [options({ dryRun: flag, olderThan: seconds, signal })],
  prepareDomain: [source, call],
  releaseDomain: [source, call],
  types: [options({ parent: optionalText, where: v.optional(names), sort: optionalText })],
  validate: [sources, options({ schema: optionalText })],
  events: [
    options({
      device: optionalText,
      kinds: v.optional(v.array(v.picklist(['lifecycle', 'update']))),
      signal,
    }),
  ],
  startDomain: [source, call],
  stopDomain: [text, call],
  resetHost: [call],
  recover: [options({ forget: optionalText, signal })],
  predict: [v.array(v.object({ type, count, parent: optionalText }))],
  explain: [type, optionalText],
  place: [
    v.array(
      v.object({
        type,
        count,
        group: optionalText,
        affinity: v.optional(v.picklist(['same-parent', 'different-parents', 'same-numa-node'])),
      }),
    ),
    policy,
  ],
  plan: [sources, options({ prune: flag, define: flag, autostart: flag, policy })],
  apply: [
    v.object({
      version: v.literal(1),
      host,
      actions: operations,
      refusals: v.array(v.looseObject({})),
    }),
    options({ onProgress: callback, signal }),
  ],
};

const CONNECT_OPTIONS = options({
  newUuid: callback,
  now: callback,
  report: callback,
  lockTimeout: seconds,
});

/** Checks the arguments of `connect`. @throws NodedevError `request-invalid` */
export function checkConnect(...given: readonly unknown[]): void {
  checkArguments('connect', [optionalText, CONNECT_OPTIONS], given);
}

/** Checks the arguments of `initSimulatedHost`. @throws NodedevError `request-invalid` */
export function checkInit(...given: readonly unknown[]): void {
  checkArguments('initSimulatedHost', [text, bytes, CONNECT_OPTIONS], given);
}

/** The same connection; a method with arguments of wrong types rejects with `request-invalid`. */
export function withCheckedArguments(connection: Connection): Connection {
  const shapes = new Map<string | symbol, Shapes>(Object.entries(METHODS));
  return new Proxy(connection, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      const wanted = shapes.get(name);
      if (typeof method !== 'function' || wanted === undefined) return method;
      return async (...given: unknown[]): Promise<unknown> => {
        checkArguments(String(name), wanted, given);
        return Reflect.apply(method, target, given);
      };
    },
  });
}

function checkArguments(method: string, shapes: Shapes, given: readonly unknown[]): void {
  for (const [index, shape] of shapes.entries()) {
    const [issue] = v.safeParse(shape, given[index]).issues ?? [];
    if (issue === undefined) continue;
    const path = v.getDotPath(issue);
    const where = `argument ${index + 1}${path === null ? '' : `, ${path}`}`;
    throw new NodedevError('request-invalid', `${method}: ${where}: ${issue.message}`);
  }
}
