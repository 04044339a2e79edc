import type { TypeRequest } from '../engine/devices/types-of-parent.ts';
import type { NodeDeviceManager } from '../engine/node-device-manager.ts';
import type { ListResult, Sources } from '../engine/types.ts';
import type { Creation } from './creation.ts';
import type { TypeExplanation } from './explain.ts';
import type { Misfit, Placement, PlacementRequest, Policy } from './placement.ts';
import type { ApplicablePlan, ApplyOptions, ApplyResult, Plan, PlanOptions } from './plan.ts';
import type { Prediction } from './predict.ts';
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
   * The plan that brings the host to a desired state, which is given as documents of node devices and of the domains that
   * use them. What cannot be done is a refusal of the plan. Codes: no-mdev-support, permission-denied, and those of reading the documents.
   */
  plan(desired: Sources, options?: PlanOptions): Promise<Plan>;
  /**
   * Carries out a plan, all of it or nothing. Codes: plan-refused (it has refusals), plan-stale (the host has changed
   * since), and those of its actions.
   */
  apply(plan: ApplicablePlan, options?: ApplyOptions): Promise<ApplyResult>;
  /** A snapshot of the whole host, for a picture. Code: no-mdev-support, when there is nothing to show. */
  topology(): Promise<Topology>;
}

/** Adds the methods of prediction, placement and planning to a manager. */
export function withPlanning(manager: NodeDeviceManager): Connection {
  return {
    ...manager,
    async predict(creations) {
      const { items: cards, problems } = await manager.cards();
      const { predict } = await import('./predict.ts');
      return { items: predict(cards, creations), problems };
    },
    async explain(type, parent) {
      const { items: cards, problems } = await manager.cards();
      const { explain } = await import('./explain.ts');
      return { items: explain(cards, type, parent), problems };
    },
    async place(requests, policy) {
      const { items: cards } = await manager.cards();
      const { place } = await import('./place.ts');
      return place(cards, requests, policy);
    },
    async plan(desired, options) {
      const { readDesired } = await import('./desired.ts');
      const { makePlan } = await import('./make-plan.ts');
      const read = readDesired(desired);
      return makePlan(await manager.state(), read, options);
    },
    async apply({ refusals, actions, host }, { onProgress, signal } = {}) {
      if (refusals.length > 0) {
        const { planRefused } = await import('./messages.ts');
        throw planRefused(refusals);
      }
      if (actions.length === 0) return { actions, devices: [] };
      const devices = await manager.change(actions, { expect: host, onProgress, signal });
      return { actions, devices };
    },
    async topology() {
      const cards = await manager.cards();
      const devices = await manager.list({ capabilities: ['mdev'], state: 'all' });
      // Nothing at all: listing what is active says why.
      if (cards.items.length === 0 && devices.items.length === 0) await manager.list();
      const groups = await manager.groups();
      const { topologyOf } = await import('./topology.ts');
      // Both stumble over the same parents.
      const problems = new Map(
        [...cards.problems, ...devices.problems].map((problem) => [problem.message, problem]),
      );
      return topologyOf(manager.uri, {
        cards: cards.items,
        devices: devices.items,
        groups,
        problems: [...problems.values()],
      });
    },
  };
}
