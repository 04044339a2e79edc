import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import { type HostState, stateFingerprint } from '../engine/devices/host-state.ts';
import type { EngineManager, NodeDeviceManager } from '../engine/node-device-manager.ts';
import type { CardInfo } from '../engine/card-info.ts';
import type { ListResult } from '../engine/listed-device.ts';
import type { Sources, SourceText } from '../engine/sources.ts';
import { toldError } from '../engine/told-error.ts';
import type { ErrorCode } from '../codes.ts';
import { issuesOf, type NodedevError } from '../errors.ts';
import type { Creation } from './creation.ts';
import type { TypeExplanation } from './explain.ts';
import type { Misfit, Placement, PlacementRequest, Policy } from './placement.ts';
import type { ApplicablePlan, ApplyOptions, ApplyResult, Plan, PlanOptions } from './plan.ts';
import type { Prediction } from './predict.ts';
import type { HostInventory } from './inventory.ts';
import type { Topology } from './topology.ts';

/** A connection to a host: the manager's methods, and those that predict, place and plan. */
export interface Connection extends NodeDeviceManager {
  /**
   * The available instances of every type on every parent after these creations (`parseCreation` reads them).
   * Codes: request-invalid, parent-unknown, parent-missing, type-unknown, type-ambiguous, criterion-invalid,
   * no-instances.
   */
  predict(creations: readonly Creation[]): Promise<ListResult<Prediction>>;
  /** Why a type has the available instances it has, on one parent or all. Codes: parent-unknown, type-unknown, type-ambiguous. */
  explain(type: TypeRequest, parent?: string): Promise<ListResult<TypeExplanation>>;
  /** A parent for every device, or why there is none. Codes: type-unknown, criterion-invalid, request-invalid. */
  place(requests: readonly PlacementRequest[], policy?: Policy): Promise<Placement | Misfit>;
  /**
   * The NUMA nodes of a domain's vCPUs on this host, from its `<vcpupin>` or `<vcpu cpuset>`, else `<numatune>`: for `near`
   * of a request. Empty: it is bound to none. Codes: domain-invalid, xml-….
   */
  domainNodes(domain: string | SourceText): Promise<readonly number[]>;
  /**
   * The plan that brings the host to a desired state, which is given as documents of node devices and of the domains that
   * use them. What cannot be done is a refusal of the plan. Codes: no-mdev-support, permission-denied, and those of reading the documents.
   */
  plan(desired: Sources, options?: PlanOptions): Promise<Plan>;
  /**
   * Carries out a plan, all of it or nothing. Codes: plan-refused (it has refusals), plan-stale (the host has changed
   * since), and those of its actions.
   */
  apply(plan: ApplicablePlan, options?: ApplyOptions): Promise<ApplyResult>;
  /** A snapshot of the whole host, for a picture. A host without mediated devices is told as a notice. */
  topology(): Promise<Topology>;
  /** {@link topology}, and what is needed to place devices on one of many hosts. */
  inventory(): Promise<HostInventory>;
}

/** Every method of a connection but `close`: the lists of methods are held against it. */
export type MethodName = Exclude<keyof Connection, 'uri' | 'close' | symbol>;

/** Adds the methods of prediction, placement and planning to a manager. */
export function withPlanning(manager: EngineManager): Connection {
  const { cards, offCards, nodes, state, change, ...methods } = manager;
  /** Asks a card's question; when the answer is that something is not there, cards whose functions are off may be why. */
  const onCards = async <T>(
    asked: readonly (string | undefined)[],
    ask: (items: readonly CardInfo[]) => T,
  ): Promise<{ answer: T; problems: ListResult<CardInfo>['problems'] }> => {
    const { items, problems } = await cards();
    try {
      return { answer: ask(items), problems };
    } catch (error) {
      const { reasonWithOff } = await import('./off-cards.ts');
      const names = asked.filter((name) => name !== undefined);
      throw reasonWithOff(error, await offCards(), names, items.length === 0);
    }
  };
  /** The cards, and a picture of the host. Its generation is of the first look: what changes meanwhile makes it an old one. */
  const snapshot = async (): Promise<{
    readonly items: readonly CardInfo[];
    readonly topology: Topology;
  }> => {
    const { now, generation, problem } = await stateIfTold(state);
    const read = await (now === undefined ? cards() : { items: now.cards, problems: now.problems });
    const { items, problems: unread } = read;
    const { topologyOf, seenDevices } = await import('./topology.ts');
    const devices =
      now === undefined
        ? await manager.list({ capabilities: ['mdev'], state: 'all' })
        : { items: seenDevices(now.devices), problems: [] };
    // Listing what is active says why there are none.
    if (items.length === 0) await manager.list();
    const groups = await manager.groups();
    // Both stumble over the same parents.
    const problems = new Map(
      [...(problem === undefined ? [] : [problem]), ...unread, ...devices.problems].map((each) => [
        each.message,
        each,
      ]),
    );
    const topology = topologyOf(manager.uri, {
      generation,
      cards: items,
      devices: devices.items,
      groups,
      problems: [...problems.values()],
    });
    return { items, topology };
  };
  return {
    ...methods,
    async predict(creations) {
      const { predict } = await import('./predict.ts');
      const parents = creations.map(({ parent }) => parent);
      const { answer, problems } = await onCards(parents, (items) => predict(items, creations));
      return { items: answer, problems };
    },
    async explain(type, parent) {
      const { explain } = await import('./explain.ts');
      const { answer, problems } = await onCards([parent], (items) => explain(items, type, parent));
      return { items: answer, problems };
    },
    async place(requests, policy) {
      const { place } = await import('./place.ts');
      return (await onCards([], (items) => place(items, requests, policy))).answer;
    },
    async domainNodes(domain) {
      const { parseDomain } = await import('../domain/parse-domain.ts');
      const { bindingOf, nodesOfBinding } = await import('../domain/domain-nodes.ts');
      const { text, file } = typeof domain === 'string' ? { text: domain } : domain;
      return nodesOfBinding(bindingOf(parseDomain(text, { file }).element), await nodes());
    },
    async plan(desired, options) {
      const { readDesired } = await import('./desired.ts');
      const { makePlan } = await import('./make-plan.ts');
      const read = readDesired(desired);
      const setups = read.setups.map(({ address }) => address);
      const functions = read.domains.flatMap((domain) => domain.functions);
      return makePlan(await state(setups, functions), read, options);
    },
    async apply({ refusals, actions, host }, options = {}) {
      if (refusals.length > 0) {
        const { planRefused } = await import('./messages.ts');
        throw planRefused(refusals);
      }
      if (actions.length === 0 && options.ifGeneration === undefined)
        return { actions, devices: [] };
      const devices = await change(actions, { ...options, expect: host });
      return { actions, devices };
    },
    topology: async () => (await snapshot()).topology,
    async inventory() {
      const { packCard } = await import('./inventory.ts');
      const { topology, items } = await snapshot();
      const problems = topology.problems.flatMap((problem) => issuesOf(problem).slice(0, 1));
      return {
        version: 1,
        generation: topology.generation,
        topology: { ...topology, problems },
        cards: items.map(packCard),
      };
    },
  };
}

/** Of a host without mediated devices, or for this user, or over libvirt. */
const UNTOLD: ReadonlySet<ErrorCode> = new Set([
  'no-mdev-support',
  'permission-denied',
  'libvirt-only-reads',
]);

/** All that a plan depends on. Where it is not to be told, or one file of it cannot be read, all else is told without it. */
async function stateIfTold(state: EngineManager['state']): Promise<{
  readonly now?: HostState;
  readonly generation?: string;
  readonly problem?: NodedevError;
}> {
  try {
    const now = await state();
    // Reads the files of devices, too.
    return { now, generation: stateFingerprint(now) };
  } catch (error) {
    const told = toldError(error);
    if (UNTOLD.has(told.code)) return {};
    if (told.code === 'host-refused') return { problem: told };

    throw told;
  }
}
