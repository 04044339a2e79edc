/**
 * Many hosts: files that list them, asking all of them, desired states, and reservations on etcd. Hosts are connected to with
 * `connect` of `virt-nodedev`; errors are its `NodedevError`, and deadlines are seconds.
 */

// Hosts by a file, asked at once.
export type { Fleet, FleetHost } from './fleet/fleet.ts';
export type { ParseFleetOptions } from './fleet/parse-fleet.ts';
export { parseFleet } from './fleet/parse-fleet.ts';
export type { Reached, ReachOptions } from './fleet/reach.ts';
export { onHosts } from './fleet/reach.ts';

// A desired state: placed, planned and carried out.
export type { FleetPlanOptions, FleetResult, HostResult } from './fleet/carry-out.ts';
export { onFleet } from './fleet/carry-out.ts';

// Reservations on etcd, and the agents that carry them out.
export type { EtcdTls } from './etcd/http.ts';
export type { EtcdOptions, EtcdUser } from './etcd/members.ts';
export { EtcdClient } from './etcd/client.ts';
export type { AgentOptions } from './reservations/agent.ts';
export { runAgent } from './reservations/agent.ts';
export type { Reservation, ReservationState, ReservedDevice } from './reservations/records.ts';
export { reserveAll } from './reservations/reserve-all.ts';
export type { ChangeOptions, PlacedReservation } from './reservations/reserve.ts';
export { carryOut, release } from './reservations/reserve.ts';
export type { DomainRequest, ReserveOptions } from './reservations/seen-hosts.ts';
export type { HostView } from './reservations/view.ts';
export { readHosts } from './reservations/view.ts';
