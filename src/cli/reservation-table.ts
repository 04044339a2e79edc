import type { PlacedReservation } from '../reservations/reserve.ts';
import * as messages from './messages.ts';
import type { Output } from './output.ts';
import { formatTable } from './table.ts';

/** Reservations with a line for each device. */
export function reservationTable({
  reservations,
}: {
  readonly reservations: readonly PlacedReservation[];
}): string {
  return formatTable(
    ['Domain', 'Host', 'State', 'Device', 'Parent', 'Type'],
    reservations.flatMap(({ domain, host, state, devices }) =>
      devices.map(({ uuid, parent, type }) => [domain.name, host, state, uuid, parent, type]),
    ),
  );
}

/** Tells what was written to etcd, or would be. */
export function reportReservations(
  output: Output,
  name: 'fleet-apply' | 'fleet-release' | 'fleet-reserve',
  reservations: readonly PlacedReservation[],
  isDry: boolean,
): void {
  if (isDry) output.tell(messages.wouldBeWritten);
  output.report(name, { reservations }, reservationTable);
}
