import { hostdevElement } from '../domain/format-hostdev.ts';
import type { GroupInfo, GroupMember } from '../engine/listed-device.ts';
import { NodedevError } from '../errors.ts';
import { formatNodeDevice } from '../nodedev/format.ts';
import type { Connection } from '../plan/connection.ts';
import type { HostInventory } from '../plan/inventory.ts';
import { buildElement } from '../xml/element.ts';
import { writeXml } from '../xml/write.ts';
import { groupOf } from './keys.ts';
import { notForAgents } from './messages.ts';
import type { ReportedProblem, Reservation } from './records.ts';

/**
 * Does on the host what a reservation asks for, as far as it is not done: creates its devices as a group of its own, which
 * belongs to the domain, or destroys those of them that are in this group. What the host refuses is returned.
 */
export async function doOnHost(
  connection: Connection,
  reservation: Reservation,
  inventory: HostInventory,
): Promise<ReportedProblem | undefined> {
  if (reservation.state === 'reserved') return undefined;
  const owner = groupIn(inventory, reservation)?.owner;
  const made = madeOf(reservation, inventory);
  try {
    if (reservation.state === 'released') {
      if (made.length === 0) return undefined;
      // Of a group that somebody gave to another domain, the devices are refused.
      if (owner?.name === reservation.domain.name) {
        await connection.release(groupOf(reservation.domain));
      }
      await connection.destroy(made.map((member) => member.name));
      return undefined;
    }
    const isOwned = owner?.name === reservation.domain.name;
    if (isOwned && made.length === reservation.devices.length) return undefined;
    return await create(connection, reservation);
  } catch (error) {
    if (!(error instanceof NodedevError)) throw error;
    const { code, message, hint } = error;
    return { domain: reservation.domain.name, code, message, hint };
  }
}

const groupIn = ({ topology }: HostInventory, { domain }: Reservation): GroupInfo | undefined =>
  topology.groups.find(({ name }) => name === groupOf(domain));

/** The active devices of a reservation that an agent made: they are in its domain's group. */
export function madeOf(reservation: Reservation, inventory: HostInventory): readonly GroupMember[] {
  const uuids = new Set(reservation.devices.map(({ uuid }) => uuid));
  const members = groupIn(inventory, reservation)?.members ?? [];
  return members.filter(({ uuid, active }) => active && uuids.has(uuid));
}

async function create(
  connection: Connection,
  reservation: Reservation,
): Promise<ReportedProblem | undefined> {
  const { name: domain } = reservation.domain;
  const group = groupOf(reservation.domain);
  const plan = await connection.plan(documentsOf(reservation));
  const [refusal] = plan.refusals;
  const other = plan.actions.find(
    (action) =>
      action.action !== 'create' && !(action.action === 'claim' && action.group === group),
  );
  const issue =
    refusal ?? (other && notForAgents(domain, `the host would have to ${other.action}`));
  if (issue !== undefined) {
    const { code, message, hint } = issue;
    return { domain, code, message, hint };
  }
  await connection.apply(plan);
  return undefined;
}

/** The reservation as the documents of a desired state. */
function documentsOf({ domain, devices }: Reservation): readonly string[] {
  const group = groupOf(domain);
  const texts = devices.map(({ uuid, parent, type }) =>
    formatNodeDevice({
      devnodes: [],
      parent: { name: parent },
      capabilities: [
        {
          kind: 'mdev',
          types: [{ id: type, attributes: [], extra: [] }],
          uuid,
          group,
          attributes: [],
          extra: [],
        },
      ],
      extra: [],
    }),
  );
  const hostdevs = devices.map(({ uuid }) => hostdevElement({ uuid, model: 'vfio-pci' }));
  const root = buildElement('domain', { type: 'kvm' }, [
    buildElement('name', {}, [domain.name]),
    domain.uuid === undefined ? undefined : buildElement('uuid', {}, [domain.uuid]),
    buildElement('devices', {}, hostdevs),
  ]);
  return [...texts, writeXml(root)];
}
