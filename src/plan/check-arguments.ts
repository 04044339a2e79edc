import * as v from 'valibot';
import {
  bytes,
  checkArguments,
  flag,
  optionsOf,
  optionalText,
  type Shapes,
  text,
} from '../arguments.ts';
import { setupStepShape } from '../engine/setup/setup-shapes.ts';
import { OPERATION_ORDER } from '../engine/devices/operations.ts';
import { asOurs } from '../engine/told-error.ts';
import { CALLS } from '../host/simulated/calls.ts';
import { CAPABILITY_NAMES } from '../nodedev/capability-names.ts';
import type { Connection, MethodName } from './connection.ts';

const seconds = v.optional(v.pipe(v.number(), v.minValue(0)));
const callback = v.optional(v.function());
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
const node = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.optional(node);
const signal = v.optional(v.instance(AbortSignal));
/** Of a method that may wait. */
const call = optionsOf({ signal });
const start = optionsOf({ allowHotplug: flag, signal });
const creation = {
  validate: flag,
  ifNotExists: flag,
  allowHotplug: flag,
  ifGeneration: optionalText,
  signal,
};
const simulatedCall = v.picklist(CALLS);
/** What a driver has is the kernel's to check (EINVAL). */
const ownDriver = v.custom<object>((value) => typeof value === 'object' && value !== null);
const leave = optionsOf({ force: flag, wait: seconds, signal });
const adopt = optionsOf({ adopt: flag, signal });
const host = v.object({
  fingerprint: text,
  parents: v.optional(v.array(text)),
  setups: v.optional(v.array(text)),
});

const attribute = v.object({ name: text, value: text });
const device = v.object({
  uuid: text,
  parent: text,
  type: text,
  group: text,
  alias: optionalText,
  attributes: v.array(attribute),
  params: optionalText,
});
const operations = v.array(
  v.union([
    v.object({
      action: v.picklist(['claim', 'release']),
      group: text,
      owner: domain,
      expires: seconds,
    }),
    v.object({
      action: v.literal('set-up'),
      card: text,
      step: setupStepShape,
      words: text,
      runs: text,
    }),
    v.object({ action: v.picklist(['define', 'redefine']), device, autostart: v.boolean() }),
    v.object({ action: v.picklist(OPERATION_ORDER), device }),
  ]),
);

/** What each method takes, argument by argument. */
const METHODS: Readonly<Record<MethodName, Shapes>> = {
  list: [
    optionsOf({
      capabilities: v.optional(v.array(v.picklist(CAPABILITY_NAMES))),
      state: v.optional(v.picklist(['active', 'inactive', 'all'])),
      persistent: flag,
      details: flag,
    }),
  ],
  lookup: [text, optionsOf({ inactive: flag, dialect: optionalText })],
  info: [text],
  dumpxml: [
    text,
    optionsOf({
      dialect: v.optional(v.picklist(['libvirt', 'thread', 'extended'])),
      inactive: flag,
      xpath: optionalText,
      wrap: flag,
    }),
  ],
  create: [sources, optionsOf(creation)],
  destroy: [names, optionsOf({ adopt: flag, ifExists: flag, wait: seconds, signal })],
  destroyGroup: [text, optionsOf({ adopt: flag, ifExists: flag, wait: seconds, signal })],
  define: [sources, optionsOf({ ...creation, onlyNew: flag, adopt: flag, autostart: flag })],
  undefine: [names, optionsOf({ ifExists: flag, signal })],
  start: [names, start],
  startGroup: [text, start],
  startParent: [text, optionsOf({ wait: seconds, signal })],
  autostart: [names, v.boolean(), call],
  update: [text, source, optionsOf({ live: flag, config: flag, adopt: flag, signal })],
  group: [text],
  createGroup: [text, v.array(text), adopt],
  addToGroup: [text, v.array(text), adopt],
  removeFromGroup: [text, v.array(text), call],
  claim: [text, domain, adopt],
  claimDevices: [v.array(text), domain, adopt],
  release: [text, call],
  gc: [optionsOf({ dryRun: flag, olderThan: seconds, signal })],
  prepareDomain: [source, call],
  releaseDomain: [source, call],
  types: [optionsOf({ parent: optionalText, where: v.optional(names), sort: optionalText })],
  mdevctlParents: [optionsOf({ parent: optionalText })],
  mdevctlDevices: [optionsOf({ defined: flag, uuid: optionalText, attributes: flag })],
  modify: [
    text,
    v.strictObject({
      type: optionalText,
      autostart: flag,
      attributes: v.optional(v.array(attribute)),
      addAttribute: v.optional(v.object({ ...attribute.entries, index: count })),
      deleteAttribute: v.optional(v.object({ index: count })),
    }),
    optionsOf({ live: flag, config: flag, signal }),
  ],
  capture: [optionsOf({ name: optionalText, anonymize: flag })],
  validate: [sources, optionsOf({ schema: optionalText })],
  events: [
    optionsOf({
      device: optionalText,
      kinds: v.optional(v.array(v.picklist(['lifecycle', 'update']))),
      signal,
    }),
  ],
  startDomain: [source, call],
  stopDomain: [text, call],
  resetHost: [call],
  failCall: [simulatedCall, text, optionsOf({ times: count, signal })],
  delayCall: [
    simulatedCall,
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(600_000)),
    call,
  ],
  plug: [text, call],
  unplug: [text, leave],
  registerParent: [text, call],
  unregisterParent: [text, leave],
  registerDriver: [v.union([text, ownDriver]), call],
  unregisterDriver: [text, leave],
  mountHost: [text, optionsOf({ vfio: optionalText })],
  attach: [names, optionsOf({ socketDir: optionalText, signal })],
  runDomain: [
    source,
    v.object({
      qemu: text,
      kernel: optionalText,
      initrd: optionalText,
      append: optionalText,
      socketDir: optionalText,
      onStart: callback,
      signal,
    }),
  ],
  runCommand: [
    v.pipe(v.array(text), v.minLength(1)),
    optionsOf({
      onStart: callback,
      env: v.optional(v.record(v.string(), optionalText)),
      cwd: optionalText,
      signal,
    }),
  ],
  recoveryState: [],
  groups: [],
  doctor: [],
  topology: [],
  inventory: [],
  recover: [optionsOf({ forget: optionalText, signal })],
  predict: [v.array(v.object({ type, count, parent: optionalText }))],
  explain: [type, optionalText],
  place: [
    v.array(
      v.object({
        type,
        count,
        group: optionalText,
        affinity: v.optional(v.picklist(['same-parent', 'different-parents', 'same-numa-node'])),
        node: v.optional(v.union([node, v.array(node)])),
        near: v.optional(v.array(node)),
      }),
    ),
    policy,
  ],
  domainNodes: [source],
  plan: [
    sources,
    optionsOf({
      prune: flag,
      adopt: flag,
      define: flag,
      autostart: flag,
      policy,
      node: count,
      allowHotplug: flag,
    }),
  ],
  apply: [
    v.object({
      version: v.literal(1),
      host,
      actions: operations,
      refusals: v.array(v.looseObject({})),
    }),
    optionsOf({ onProgress: callback, allowHotplug: flag, ifGeneration: optionalText, signal }),
  ],
};

/** The place of a method's options among its arguments, where a signal in them ends its waiting. */
export function placeOfSignal(name: MethodName): number | undefined {
  const place = METHODS[name].findIndex(
    (shape) =>
      'wrapped' in shape &&
      typeof shape.wrapped === 'object' &&
      shape.wrapped !== null &&
      'entries' in shape.wrapped &&
      typeof shape.wrapped.entries === 'object' &&
      shape.wrapped.entries !== null &&
      'signal' in shape.wrapped.entries,
  );
  return place === -1 ? undefined : place;
}

const connectOptions = {
  newUuid: callback,
  now: callback,
  report: callback,
  lockTimeout: seconds,
  readOnly: flag,
  drivers: v.optional(v.array(ownDriver)),
  onChange: callback,
  dryRun: flag,
  profileDrivers: v.optional(v.picklist(['trusted', 'all', 'none'])),
  ssh: optionalText,
  signal,
};
const CONNECT_OPTIONS = optionsOf(connectOptions);
const INIT_OPTIONS = optionsOf({ ...connectOptions, layout: v.optional(v.literal('v7')) });

/** Checks the arguments of `connect`. @throws NodedevError `request-invalid` */
export function checkConnect(...given: readonly unknown[]): void {
  checkArguments('connect', [optionalText, CONNECT_OPTIONS], given);
}

/** Checks the arguments of `initSimulatedHost`. @throws NodedevError `request-invalid` */
export function checkInit(...given: readonly unknown[]): void {
  checkArguments('initSimulatedHost', [text, v.union([bytes, source]), INIT_OPTIONS], given);
}

/**
 * The same connection; a method with arguments of wrong types rejects with `request-invalid`, and one that meets what cannot
 * be read with the error of {@link asOurs}.
 */
export function guarded(connection: Connection): Connection {
  const shapes = new Map<string, Shapes>(Object.entries(METHODS));
  return new Proxy(connection, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function' || typeof name === 'symbol') return method;
      return async (...given: unknown[]): Promise<unknown> => {
        checkArguments(name, shapes.get(name) ?? [], given);
        try {
          const result: unknown = await Reflect.apply(method, target, given);
          return result;
        } catch (error) {
          throw asOurs(error);
        }
      };
    },
  });
}
