import { randomUUID as randomUuid } from 'node:crypto';
import { pciFunctionOf } from '../domain/domain.ts';
import { parseDomain } from '../domain/parse-domain.ts';
import type { SourceText } from '../engine/sources.ts';
import { NodedevError } from '../errors.ts';
import type { MdevCapability, NodeDevice, PciCapability } from '../nodedev/device.ts';
import { formatNodeDevice } from '../nodedev/format.ts';
import type { Connection } from '../plan/connection.ts';
import {
  type ArrivingDevice,
  arrivingDocument,
  type MovingDevice,
  movedDomain,
  requireSameDevice,
  sameType,
} from '../plan/migrate.ts';
import type { DomainRef } from '../policy/domain-ref.ts';

/** A VM's devices on the host that it leaves. */
export interface Leaving {
  readonly source: SourceText;
  readonly domain: DomainRef;
  readonly devices: readonly MovingDevice[];
}

/** A device on the host that the VM moves to. */
export interface Arrived {
  readonly from: string;
  readonly uuid: string;
  readonly type: string;
  /** Node device name of the parent. */
  readonly parent: string;
}

/** What stands for a VM's devices on the other host. */
export interface Arrival {
  readonly devices: readonly Arrived[];
  /** A form of the domain, with these devices. */
  readonly edit: (source: SourceText) => string;
  /** The documents of the devices. */
  readonly documents: readonly string[];
}

const mdevOf = (device: NodeDevice): MdevCapability | undefined =>
  device.capabilities.find((one) => one.kind === 'mdev');

const pciOf = (device: NodeDevice): PciCapability | undefined =>
  device.capabilities.find((one) => one.kind === 'pci');

/**
 * The devices of a domain that need others where it moves.
 *
 * @throws NodedevError `domain-invalid`, `domain-without-devices`, `device-unknown`
 */
export async function leave(host: Connection, source: SourceText): Promise<Leaving> {
  const { text, file } = source;
  const domain = parseDomain(text, { file });
  const { name, uuid } = domain;
  if (name === undefined) {
    throw new NodedevError('domain-invalid', 'the domain has no name', {
      location: domain.element.location,
      hint: 'virsh dumpxml prints it',
    });
  }
  const { items } = await host.list({ capabilities: ['mdev'] });
  const devices: MovingDevice[] = [];
  for (const hostdev of domain.hostdevs) {
    const address = pciFunctionOf(hostdev.element);
    // A function with a type is listed as a device below itself; others are no devices of ours.
    const at = items.find((item) => item.parentAddress === address);
    const known = address === undefined ? hostdev.uuid : at?.uuid;
    if (known === undefined) continue;
    const device = await host.lookup(known);
    const mdev = mdevOf(device);
    const parent = device.parent?.name;
    if (mdev === undefined || parent === undefined) continue;
    if (address !== undefined && mdev.function === undefined) continue;
    const id = mdev.types[0]?.id;
    const type = (await host.types({ parent })).items.find((one) => one.id === id);
    if (type === undefined) continue;
    devices.push({ uuid: known, hostdev, mdev, type, pci: pciOf(await host.lookup(parent)) });
  }
  if (devices.length === 0) {
    throw new NodedevError('domain-without-devices', `domain '${name}' has no mediated device`, {
      hint: 'nothing is needed on the other host: virsh migrate moves it as it is',
    });
  }
  return { source, domain: { name, uuid }, devices };
}

/**
 * Places a VM's devices on another host, and tries there whether they can be made and claimed.
 *
 * @param rehearsal a connection that changes nothing
 * @throws NodedevError `type-unknown`, `type-mismatch`, `no-instances`, and those of creating and claiming
 */
export async function arrive(rehearsal: Connection, leaving: Leaving): Promise<Arrival> {
  const { source, domain, devices } = leaving;
  const { items } = await rehearsal.types();
  const types = devices.map((device) => sameType(device, items));
  const near = await rehearsal.domainNodes(source);
  const placement = await rehearsal.place(types.map(({ id }) => ({ type: id, near })));
  if (!placement.fits) {
    throw new NodedevError('no-instances', placement.reason, {
      hint: placement.changes[0] ?? 'choose another host',
    });
  }
  const uuids = devices.map(() => randomUuid());
  const [group = ''] = uuids;
  const arriving = await Promise.all(
    devices.map(async (from, index) => {
      const placed = placement.devices.find(({ request }) => request === index);
      const [type, uuid] = [types[index], uuids[index]];
      if (placed === undefined || type === undefined || uuid === undefined) {
        throw new TypeError('a device has no place');
      }
      const { parent } = placed;
      requireSameDevice(from, type, pciOf(await rehearsal.lookup(parent)));
      return { from, uuid, type, parent };
    }),
  );
  const documents = arriving.map((one) =>
    formatNodeDevice(arrivingDocument(one, one.parent, group)),
  );
  await rehearsal.create(documents);
  await rehearsal.claimDevices(uuids, domain);
  const made: (ArrivingDevice & Pick<MdevCapability, 'function'>)[] = [];
  for (const one of arriving) {
    made.push({ ...one, function: mdevOf(await rehearsal.lookup(one.uuid))?.function });
  }
  return {
    devices: arriving.map(({ from, uuid, type, parent }) => {
      return { from: from.uuid, uuid, type: type.id, parent };
    }),
    edit: ({ text, file }) => movedDomain(text.toString(), made, file),
    documents,
  };
}

/**
 * Makes the devices on the other host and claims them for the domain, as one operation.
 *
 * @param expires seconds after which `gc` there takes back what was not opened
 */
export async function makeArrival(
  host: Connection,
  { documents, edit }: Arrival,
  source: SourceText,
  expires: number,
): Promise<void> {
  const domain = { text: edit(source), file: source.file };
  const plan = await host.plan([...documents, domain]);
  const actions = plan.actions.map((action) =>
    action.action === 'claim' ? { ...action, expires } : action,
  );
  await host.apply({ ...plan, actions });
}
