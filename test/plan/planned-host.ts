import type { EngineManager } from '../../src/engine/node-device-manager.ts';
import type { HostDevice } from '../../src/host/host.ts';
import type { SimulatedHost } from '../../src/host/simulated/host.ts';
import { type Connection, withPlanning } from '../../src/plan/connection.ts';
import { Fuse, managerOf, newWorld } from '../engine/journal/fused-manager.ts';

/** A host in memory with its connection; what the fuse burns at fails. */
export interface PlannedHost {
  readonly connection: Connection;
  /** What the connection works with. */
  readonly manager: EngineManager;
  readonly host: SimulatedHost;
  readonly fuse: Fuse;
}

export function plannedHost(profile?: string): PlannedHost {
  const fuse = new Fuse();
  const world = newWorld(fuse, profile);
  const manager = managerOf(fuse, world);
  return { connection: withPlanning(manager), manager, host: world.host, fuse };
}

export interface Wish {
  readonly uuid?: string | undefined;
  readonly name?: string | undefined;
  readonly parent?: string | undefined;
  readonly type: string;
  readonly group?: string | undefined;
  readonly params?: string | undefined;
}

/** A node device document. */
export function wishXml({ uuid, name, parent, type, group, params }: Wish): string {
  const element = (tag: string, text: string | undefined): string =>
    text === undefined ? '' : `<${tag}>${text}</${tag}>`;
  return `<device>${element('name', name)}${element('parent', parent)}<capability type='mdev'>
    <type id='${type}'/>${element('uuid', uuid)}${element('group', group)}${element('params', params)}
    </capability></device>`;
}

/** A domain with these mediated devices. */
export function domainXml(name: string, uuids: readonly string[]): string {
  const hostdevs = uuids.map(
    (uuid) => `<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
      <source><address uuid='${uuid}'/></source></hostdev>`,
  );
  return `<domain type='kvm'><name>${name}</name><devices>${hostdevs.join('')}</devices></domain>`;
}

/** Creates a device as another program would. */
export function createAround(
  host: SimulatedHost,
  parent: string,
  type: string,
  uuid: string,
): void {
  const found = host.parent(parent);
  if (found === undefined) throw new Error(`no parent ${parent}`);
  host.create(found, type, uuid);
}

/** Opens devices as a VM would. */
export function open(host: SimulatedHost, domain: string, ...uuids: readonly string[]): void {
  const devices = uuids.flatMap((uuid): HostDevice | [] => host.find(uuid) ?? []);
  host.open(devices, { domain });
}
