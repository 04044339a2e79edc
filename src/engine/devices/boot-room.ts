import { hypotheses } from '../../drivers/hypotheses.ts';
import type { Issue } from '../../errors.ts';
import { mdevName } from '../../nodedev/names.ts';
import type { CardInfo } from '../card-info.ts';
import { type Arrival, lackingRoom } from './lacking-room.ts';

/** What one more sentence about a list says of the rest of it. */
const NAMED = 4;

/** A definition that starts when its parent appears. */
export type BootDevice = Arrival;

/**
 * The definitions with autostart that find no room at boot, when the cards are empty and mdevctl or `startParent` starts them
 * one after the other; a warning of code `no-instances` when there are some.
 *
 * @param devices all definitions with autostart
 */
export function bootOvercommit(
  cards: readonly CardInfo[],
  devices: readonly BootDevice[],
): Issue | undefined {
  const lacking = lackingRoom(cards.filter(isCut), devices, true);
  if (lacking.length === 0) return undefined;
  return {
    code: 'no-instances',
    severity: 'warning',
    message: `${lacking.length} of ${devices.length} definitions with autostart find no room at boot: ${names(lacking)}`,
    hint: 'turn autostart off for some of their cards, or undefine them',
  };
}

/** Says, as a warning, that a defined group can never start as a whole, even on empty cards; undefined: it can. */
export function neverStarts(
  cards: readonly CardInfo[],
  group: string,
  members: readonly BootDevice[],
): Issue | undefined {
  const lacking = members.length < 2 ? [] : lackingRoom(cards.filter(isCut), members, true);
  if (lacking.length === 0) return undefined;
  return {
    code: 'no-instances',
    severity: 'warning',
    message: `group '${group}' can never start as a whole: even empty cards have no room for ${names(lacking)}`,
    hint: 'undefine some of its members, or define them under other parents',
  };
}

/** False for a card in MIG mode that has no GPU instance yet: a boot takes them away, and what will be made is not known. */
function isCut(info: CardInfo): boolean {
  const [rules] = hypotheses(info);
  const state = rules?.driver.setup?.stateOf(rules.card, true);
  return state?.mig !== true || state.instances.length > 0;
}

function names(devices: readonly Arrival[]): string {
  const shown = devices.slice(0, NAMED).map(({ uuid, parent }) => mdevName(uuid, parent));
  const rest = devices.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
