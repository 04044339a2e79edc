import type { CardDevice } from '../../drivers/driver.ts';
import { driverForType } from '../../drivers/registry.ts';
import { type Issue, issuesOf, type Location, NodedevError } from '../../errors.ts';
import type { Host, HostDevice, HostParent } from '../../host/host.ts';
import {
  mayDefine,
  mayTake,
  type SharedCard,
  takesResources,
  type Tenant,
  type Wanted,
} from '../../policy/resources.ts';
import { notStarted } from '../../policy/reasons.ts';
import { type Reason, issueOf, requireAllowed, verdict } from '../../policy/verdict.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { groupBy } from '../../group-by.ts';
import { mdevName } from '../../nodedev/names.ts';
import type { Context } from '../context.ts';
import { attributeWrites } from './attribute-writes.ts';
import { desiredGroup } from './request.ts';
import { requestResolver } from './resolve-requests.ts';

/** The files of a device's state that its driver's rules read; undefined for a driver without such rules. */
export function stateFiles(host: Host, device: HostDevice): Wanted['files'] {
  if (!takesResources(device.type)) return undefined;
  const names = driverForType(device.type)?.attributeWrites?.state ?? [];
  return Object.fromEntries(names.map((name) => [name, host.readAttribute(device, name)]));
}

/** The parts of a host that say who takes what. */
export interface ResourceView {
  readonly host: Host;
  readonly definitions: Pick<Context['definitions'], 'list'>;
}

/** The card of a parent with all devices on it. Only for drivers with rules for what devices take. */
export function sharedCard({ host, definitions }: ResourceView, parent: HostParent): SharedCard {
  const card = host.card(parent);
  const parents = new Set(card.parents);
  const active = card.parents.flatMap((address) => {
    const each = host.parent(address);
    return each === undefined ? [] : host.devices(each).items;
  });
  const stored = definitions.list((ref) => parents.has(ref.parent)).items;
  return {
    card,
    tenants: [
      ...active.map((device) => ({
        uuid: device.ref.uuid,
        parent: device.ref.parent,
        active: { files: stateFiles(host, device), writes: [] },
      })),
      ...stored.map(({ uuid, parent: address, definition: { attributes, autostart } }) => ({
        uuid,
        parent: address,
        defined: { writes: attributes, autostart },
      })),
    ],
  };
}

/** A device that something is about to be done with, and where its document is. */
export interface ResourceRequest extends Wanted {
  readonly location?: Location | undefined;
}

/** With the beginning of the sentence that refuses it. */
export interface ResourceChange extends ResourceRequest {
  readonly doing: string;
}

/**
 * Refuses devices that cannot take what their attributes say, before anything is done. What else is to be known is reported.
 *
 * @throws NodedevError `host-refused`, as the kernel would
 */
export function checkResources(context: Context, changes: readonly ResourceChange[]): void {
  inTurn(context, changes, (shared, request) => {
    tell(context, mayTake(shared, request, request.doing), request);
    return { active: { files: request.files, writes: request.writes } };
  });
}

/** Reports what is to be known of definitions: {@link mayDefine}. */
export function reportDefined(
  context: Context,
  requests: readonly ResourceRequest[],
  autostart: boolean,
): void {
  inTurn(context, requests, (shared, request) => {
    tell(context, mayDefine(shared, request, autostart), request);
    return { defined: { writes: request.writes, autostart } };
  });
}

/** Why these definitions cannot be started now, one after the other: {@link mayTake}. */
export function startReasons(context: Context, refs: readonly CardDevice[]): readonly Reason[] {
  const found: Reason[] = [];
  const requests = refs.flatMap(({ uuid, parent, type }) => {
    const definition = takesResources(type)
      ? context.definitions.read({ parent, uuid })
      : undefined;
    return definition === undefined
      ? []
      : [{ uuid, parent, type, writes: definition.definition.attributes }];
  });
  inTurn(context, requests, (shared, request) => {
    const reasons = mayTake(shared, request, notStarted(request.uuid));
    found.push(...reasons.filter(({ severity }) => severity === 'error'));
    return { active: { files: {}, writes: request.writes } };
  });
  return found;
}

/** Each device meets those on its card, and those before it under its parent. */
function inTurn<T extends ResourceRequest>(
  context: Context,
  requests: readonly T[],
  check: (shared: SharedCard, request: T) => Omit<Tenant, 'uuid' | 'parent'>,
): void {
  const taking = requests.filter(({ type }) => takesResources(type));
  for (const [address, own] of groupBy(taking, (request) => request.parent)) {
    const parent = context.host.parent(address);
    if (parent === undefined) continue;
    const { card, tenants } = sharedCard(context, parent);
    const coming: Tenant[] = [];
    for (const request of own) {
      const shared = { card, tenants: [...tenants, ...coming] };
      coming.push({ uuid: request.uuid, parent: address, ...check(shared, request) });
    }
  }
}

function tell({ report }: Context, reasons: readonly Reason[], request: ResourceRequest): void {
  const { location } = request;
  requireAllowed(verdict(reasons), () => location);
  for (const reason of reasons) {
    report(issueOf(location === undefined ? named(request, reason) : reason, () => location));
  }
}

/** A reason that says of which device it is. */
export const named = (
  { uuid, parent }: Pick<Wanted, 'uuid' | 'parent'>,
  reason: Reason,
): Reason => ({ ...reason, message: `${mdevName(uuid, parent)}: ${reason.message}` });

/**
 * What is to be known of devices that documents describe, on this host: a parent or type that it does not have, and {@link mayDefine}, an
 * error for a wrong value. That it has no room now is none: a definition waits.
 */
export function documentIssues(context: Context, devices: readonly NodeDevice[]): readonly Issue[] {
  const issues: Issue[] = [];
  const isDevice = ({ capabilities }: NodeDevice): boolean =>
    capabilities.some(({ kind }) => kind === 'mdev');
  let requests: ReturnType<typeof desiredGroup>['devices'];
  try {
    requests = devices.filter(isDevice).flatMap((device) => desiredGroup([device]).devices);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    return issuesOf(error);
  }
  const resolve = requestResolver(context);
  const described = requests.flatMap((request, index): readonly ResourceRequest[] => {
    const { parent: wanted, uuid = `${index}`, location } = request;
    if (wanted === undefined) return [];
    try {
      const { parent, type } = resolve({ ...request, parent: wanted });
      const writes = attributeWrites(type.id, request);
      return [{ uuid, parent: parent.address, type: type.id, writes, location }];
    } catch (error) {
      if (!(error instanceof NodedevError)) throw error;
      issues.push(...issuesOf(error));
      return [];
    }
  });
  inTurn(context, described, (shared, request) => {
    for (const reason of mayDefine(shared, request, false)) {
      const severity = reason.code === 'resources-refused' ? 'error' : reason.severity;
      issues.push({ ...issueOf(reason, () => request.location), severity });
    }
    const isNamed = requests.some(({ uuid }) => uuid === request.uuid);
    return isNamed ? { defined: { writes: request.writes, autostart: false } } : {};
  });
  return issues;
}
