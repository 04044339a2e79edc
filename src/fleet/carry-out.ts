import * as v from 'valibot';
import { checkArguments, flag } from '../arguments.ts';
import type { SourceText, Sources } from '../engine/sources.ts';
import type { NodedevError } from '../errors.ts';
import type { Connection } from '../plan/connection.ts';
import { planRefused } from '../plan/messages.ts';
import type { ApplyResult, Plan, PlanOptions } from '../plan/plan.ts';
import { type Assigned, assignUnits, type SeenFleet, type SeenHost } from './assign.ts';
import { type DesiredUnit, desiredUnits, documentsOf } from './desired-units.ts';
import type { FleetHost } from './fleet.ts';
import { fleetHosts, onHosts, type Reached, type ReachOptions, reachOptions } from './reach.ts';
import type { SentRecord } from './record.ts';

export interface FleetPlanOptions extends PlanOptions {
  /** Where devices were sent before; it is kept before anything is sent. */
  readonly record?: SentRecord | undefined;
  /** Every host only plans its part. */
  readonly dryRun?: boolean | undefined;
  /** The clock. */
  readonly now?: (() => Date) | undefined;
}

/** What a host did, or would do. */
export interface HostResult {
  readonly plan: Plan;
  /** Absent: it was only planned. */
  readonly done?: ApplyResult | undefined;
}

/** What came of a desired state on many hosts. */
export interface FleetResult {
  /** The hosts that have a part of it, in the order of the fleet. All or nothing is what each of them did. */
  readonly hosts: readonly Reached<HostResult>[];
  /** Hosts that were not reached, and have no known part of it. */
  readonly unknown: readonly Extract<Reached<never>, { state: 'unknown' }>[];
  /** What went to no host, and why. */
  readonly refused: readonly { readonly unit: DesiredUnit; readonly error: NodedevError }[];
}

const ARGUMENTS = [
  fleetHosts,
  v.union([v.string(), v.array(v.any()), v.looseObject({})]),
  reachOptions,
  v.optional(
    v.looseObject({
      record: v.optional(v.object({ read: v.function(), keep: v.function() })),
      now: v.optional(v.function()),
      dryRun: flag,
    }),
  ),
];

/** After so many rounds a host that always changes meanwhile is given up. */
const MOST_ROUNDS = 12;
/** The first rounds hold the host to what placement saw; then its own plan is enough, so that two planners come to an end. */
const STRICT_ROUNDS = 6;

/** Reads the inventories of hosts. */
export async function lookAt(
  hosts: readonly FleetHost[],
  reaching: ReachOptions,
  now: () => Date = () => new Date(),
): Promise<{ readonly fleet: SeenFleet; readonly unknown: FleetResult['unknown'] }> {
  const results = await onHosts(
    hosts,
    async (host, connection): Promise<SeenHost> => {
      const inventory = await connection.inventory();
      return { host, inventory, reachedAt: now().toISOString() };
    },
    reaching,
  );
  // A host that does not tell what it has is as unknown as one that is away.
  const unknown = results.flatMap((result) =>
    result.state === 'answered' ? [] : [{ ...result, state: 'unknown' as const }],
  );
  const seen = results.flatMap((result) => (result.state === 'answered' ? [result.value] : []));
  return { fleet: { seen, unknown: unknown.map(({ host }) => host) }, unknown };
}

/**
 * Brings many hosts to a desired state, or with `dryRun` plans it. Each unit (the devices of a group, and the domains that use them) goes to one
 * host, which plans and carries out its part by itself, all or nothing. A host that has changed since it was seen is looked at anew, and what was
 * to be placed on one that refuses goes to the next that has room. What was sent and not answered is `unknown`, and sent to no other host. Done
 * again, it goes on from what is there.
 *
 * @throws NodedevError as reading a desired state does
 */
export async function onFleet(
  hosts: readonly FleetHost[],
  sources: Sources,
  reaching: ReachOptions,
  planning: FleetPlanOptions = {},
): Promise<FleetResult> {
  checkArguments('onFleet', ARGUMENTS, [hosts, sources, reaching, planning]);
  const { record, now: clock, dryRun: isDry = false, ...options } = planning;
  const units = desiredUnits(sources);
  const looked = await lookAt(hosts, reaching, clock);
  let { fleet } = looked;
  const unknown = [...looked.unknown];
  const refusing = new Map<DesiredUnit, Set<string>>();
  const settled = new Map<DesiredUnit, FleetHost>();
  const results = new Map<string, Reached<HostResult>>();
  const sent = (await record?.read()) ?? undefined;
  for (let round = 0; ; round += 1) {
    const { policy, node } = options;
    const { assigned, refusals } = assignUnits(units, fleet, {
      policy,
      node,
      refusing,
      settled,
      record: sent,
    });
    const end = (): FleetResult => ({
      hosts: hosts.flatMap(({ name }) => results.get(name) ?? []),
      unknown: unknown.filter(({ host }) => !results.has(host.name)),
      refused: refusals,
    });
    // What is refused here may be on a host, and pruning would take it away.
    if (options.prune === true && refusals.length > 0) return end();
    const parts = partsOf(assigned, options.prune === true ? fleet.seen : [])
      .filter(
        ({ host, units: own }) =>
          !results.has(host.name) || own.some(({ unit }) => !settled.has(unit)),
      )
      .map((part) => ({
        ...part,
        seen: fleet.seen.find(({ host }) => host.name === part.host.name),
      }));
    if (parts.length === 0) return end();
    if (!isDry) {
      await record?.keep(
        parts.flatMap(({ host, units: own }) =>
          own.flatMap(({ unit }) => unit.uuids.map((uuid) => [uuid, host.name] as const)),
        ),
      );
    }
    const byHost = new Map(parts.map((part) => [part.host.name, part]));
    const came = await onHosts(
      parts.map(({ host }) => host),
      (host, connection, signal) => {
        const part = byHost.get(host.name);
        const isStrict =
          round < STRICT_ROUNDS && part?.units.some(({ isPlaced }) => isPlaced) === true;
        const ifGeneration = isStrict ? part.seen?.inventory.generation : undefined;
        const documents = documentsOf(part?.units.map(({ unit }) => unit) ?? []);
        return hostResult(
          connection,
          documents,
          options,
          isDry ? undefined : { signal, ifGeneration },
        );
      },
      reaching,
    );
    const again: FleetHost[] = [];
    for (const result of came.map(withRefusal)) {
      const { host } = result;
      const own = byHost.get(host.name)?.units ?? [];
      const placed = own.filter(({ isPlaced }) => isPlaced);
      const isStale = result.state === 'refused' && result.error.code === 'plan-stale';
      const isRetried =
        result.state === 'refused' && (isStale || placed.length > 0) && round < MOST_ROUNDS;
      results.set(host.name, result);
      if (!isRetried) {
        for (const { unit } of own) settled.set(unit, host);
        continue;
      }
      results.delete(host.name);
      if (isStale) again.push(host);
      else {
        for (const { unit } of placed) {
          refusing.set(unit, (refusing.get(unit) ?? new Set()).add(host.name));
        }
      }
    }
    if (again.length === 0) continue;
    const names = new Set(again.map(({ name }) => name));
    const now = await lookAt(again, reaching, clock);
    unknown.push(...now.unknown);
    fleet = {
      seen: [...fleet.seen.filter(({ host }) => !names.has(host.name)), ...now.fleet.seen],
      unknown: [...fleet.unknown, ...now.fleet.unknown],
    };
  }
}

/** The units by their hosts; with hosts that have none, where what is not desired goes. */
function partsOf(
  assigned: readonly Assigned[],
  others: readonly SeenHost[],
): readonly { readonly host: FleetHost; readonly units: readonly Assigned[] }[] {
  const parts = new Map<string, { host: FleetHost; units: Assigned[] }>();
  for (const { host } of others) parts.set(host.name, { host, units: [] });
  for (const each of assigned) {
    const part = parts.get(each.host.name) ?? { host: each.host, units: [] };
    parts.set(each.host.name, part);
    part.units.push(each);
  }
  return [...parts.values()];
}

async function hostResult(
  connection: Connection,
  documents: readonly SourceText[],
  options: PlanOptions,
  applying: { readonly signal: AbortSignal; readonly ifGeneration: string | undefined } | undefined,
): Promise<HostResult> {
  const plan = await connection.plan(documents, options);
  if (applying === undefined || !plan.applicable) return { plan };
  const { allowHotplug } = options;
  return { plan, done: await connection.apply(plan, { ...applying, allowHotplug }) };
}

/** A plan that cannot be carried out is a refusal. */
function withRefusal(result: Reached<HostResult>): Reached<HostResult> {
  if (result.state !== 'answered' || result.value.plan.applicable) return result;
  return { host: result.host, state: 'refused', error: planRefused(result.value.plan.refusals) };
}
