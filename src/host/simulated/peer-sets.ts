import { v4 as randomUuid } from 'uuid';
import type { DeviceAttribute } from '../../drivers/driver.ts';
import { requiresGroup } from '../../drivers/settings.ts';
import { isUuid } from '../../nodedev/uuid.ts';
import { HostError } from '../host.ts';
import { PEER_UUID } from '../peer-to-peer.ts';
import { readIfAny } from '../sysfs/values.ts';
import { file, type Tree } from '../tree.ts';
import type { ParentWithCard } from './cards.ts';
import { openDevices } from './openings.ts';
import { DRIVER_CALLS } from './paths.ts';
import type { SimulatedCard } from './profile.ts';
import type { Simulation } from './simulation.ts';

/** How long the log of the drivers' calls may become. */
const MOST_CHARACTERS = 1 << 16;

/** The attribute of a new device of a card that asks for groups. */
export const peerAttributes = (card: SimulatedCard): readonly DeviceAttribute[] =>
  requiresGroup(card) ? [{ name: PEER_UUID, value: randomUuid(), mode: 0o644 }] : [];

/** Puts a device into another set: EINVAL for no uuid, EBUSY when a device of its set, or of the other one, is open. */
export function writePeerUuid(
  { tree }: Simulation,
  { card }: ParentWithCard,
  path: string,
  words: string,
): void {
  const refuse = (errno: string): HostError => new HostError(errno, path, { written: words });
  const uuid = words.replace(/\n$/, '').toLowerCase();
  if (!isUuid(uuid)) throw refuse('EINVAL');
  const open = openSets(tree, card);
  if (open.has(tree.read(path).trimEnd()) || open.has(uuid)) throw refuse('EBUSY');
  tree.replace(path, `${uuid}\n`);
}

/** The sets of a card of which a device is open. */
function openSets(tree: Tree, card: SimulatedCard): ReadonlySet<string> {
  const open = [...openDevices(tree).keys()];
  return new Set(
    card.parents.flatMap(({ path }) =>
      open.flatMap((uuid) => readIfAny(tree, `${path}/${uuid}/${PEER_UUID}`)?.trimEnd() ?? []),
    ),
  );
}

/**
 * Tells in the log of the drivers' calls which sets' resources were committed, by the first open of one of a set's devices, and
 * freed, by the last close. It is worked out from what is open, so that whoever comes next tells what a killed process has not.
 */
export function tellPeerSets({ tree, hardware }: Simulation): void {
  const cards = hardware.cards.filter((card) => requiresGroup(card));
  if (cards.length === 0) return;
  const told = tree.kind(DRIVER_CALLS) === undefined ? '' : tree.read(DRIVER_CALLS);
  const committed = new Set<string>();
  for (const line of told.split('\n')) {
    const [call, ...set] = line.split(' ');
    if (call === 'commit') committed.add(set.join(' '));
    else committed.delete(set.join(' '));
  }
  const open = new Set(
    cards.flatMap((card) =>
      [...openSets(tree, card)].map((set) => `${card.parents[0]?.address ?? ''} ${set}`),
    ),
  );
  const news = [
    ...[...committed].filter((set) => !open.has(set)).map((set) => `free ${set}\n`),
    ...[...open].filter((set) => !committed.has(set)).map((set) => `commit ${set}\n`),
  ];
  if (news.length === 0) return;
  // What is over is forgotten with a log that has become long; what is committed still stands in it.
  const before =
    told.length < MOST_CHARACTERS ? told : [...committed].map((set) => `commit ${set}\n`).join('');
  const text = before + news.join('');
  if (tree.kind(DRIVER_CALLS) === undefined) tree.plant(DRIVER_CALLS, file(text, 0o644));
  else tree.replace(DRIVER_CALLS, text);
}
