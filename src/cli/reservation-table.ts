import type { PlacedReservation } from '../reservations/reserve.ts';
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
