import type * as v from 'valibot';
import type { MethodName } from '../plan/connection.ts';
import * as results from './results.ts';

/** What a method comes to between two machines. */
export type Method =
  /** An answer. After a lost connection it matters whether the method changes anything. */
  | { readonly way: 'call'; readonly changes: boolean; readonly result: v.GenericSchema }
  /** Something that goes on, until one of both sides ends it; what it begins with. */
  | {
      readonly way: 'events' | 'mount' | 'attach';
      readonly changes: false;
      readonly result: v.GenericSchema;
    }
  /** It works with the standard streams of its own process. */
  | { readonly way: 'here'; readonly why: string };

const reads = (result: v.GenericSchema) => ({ way: 'call', changes: false, result }) as const;
const changes = (result: v.GenericSchema) => ({ way: 'call', changes: true, result }) as const;
const opens = (way: 'events' | 'mount' | 'attach', result: v.GenericSchema) =>
  ({ way, changes: false, result }) as const;
const here = (why: string) => ({ way: 'here', why }) as const;

/** All methods, for client and server: a new one that is missing here does not compile. */
export const METHODS: Readonly<Record<MethodName, Method>> = {
  list: reads(results.list),
  lookup: reads(results.nodeDevice),
  info: reads(results.device),
  dumpxml: reads(results.string),
  create: changes(results.created),
  destroy: changes(results.devices),
  destroyGroup: changes(results.devices),
  define: changes(results.devices),
  undefine: changes(results.devices),
  start: changes(results.devices),
  startGroup: changes(results.devices),
  startParent: changes(results.startedParent),
  autostart: changes(results.devices),
  update: changes(results.updated),
  groups: reads(results.groups),
  group: reads(results.group),
  createGroup: changes(results.group),
  addToGroup: changes(results.group),
  removeFromGroup: changes(results.devices),
  claim: changes(results.group),
  claimDevices: changes(results.groups),
  release: changes(results.group),
  gc: changes(results.collected),
  prepareDomain: changes(results.domainRun),
  releaseDomain: changes(results.domainRun),
  types: reads(results.types),
  capture: reads(results.captured),
  validate: reads(results.reports),
  events: opens('events', results.source),
  startDomain: changes(results.devices),
  stopDomain: changes(results.devices),
  plug: changes(results.strings),
  unplug: changes(results.strings),
  registerParent: changes(results.strings),
  unregisterParent: changes(results.strings),
  registerDriver: changes(results.strings),
  unregisterDriver: changes(results.strings),
  failCall: changes(results.nothing),
  delayCall: changes(results.nothing),
  resetHost: changes(results.nothing),
  mountHost: opens('mount', results.nothing),
  runCommand: here('the command has the terminal of the machine it runs on'),
  attach: opens('attach', results.attached),
  runDomain: here('the VM has the terminal of the machine it runs on'),
  doctor: reads(results.issues),
  recover: changes(results.issues),
  recoveryState: reads(results.recoveryState),
  predict: reads(results.predictions),
  explain: reads(results.explanations),
  place: reads(results.placement),
  domainNodes: reads(results.numbers),
  plan: reads(results.plan),
  apply: changes(results.applied),
  topology: reads(results.topology),
  inventory: reads(results.inventory),
};

export const isMethod = (name: string): name is MethodName => Object.hasOwn(METHODS, name);
