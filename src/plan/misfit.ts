import { typeText } from '../engine/devices/types-of-parent.ts';
import type { CardInfo } from '../engine/card-info.ts';
import { mdevName } from '../nodedev/names.ts';
import { withoutDevices } from '../engine/devices/card-changes.ts';
import * as say from './messages.ts';
import type { Misfit, PlacementRequest, Policy } from './placement.ts';
import { isPlaceable, type Solution } from './solve.ts';

/** Limits of the search for changes, since each trial is a whole placement: trials, devices, and changes in one trial. */
const MOST_TRIALS = 400;
const MOST_DEVICES = 64;
const MOST_CHANGES = 3;

/** A change of the host or of the requests. */
interface Change {
  readonly text: string;
  readonly cards: (cards: readonly CardInfo[]) => readonly CardInfo[];
  readonly requests: (requests: readonly PlacementRequest[]) => readonly PlacementRequest[];
}

/** Why a solution leaves devices out, and the smallest changes with which every device would have a place. */
export function misfit(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
  policy: Policy,
  { units, assignment, missingCards, proven }: Solution,
): Misfit {
  const left = units.filter((unit) => !assignment.has(unit));
  const [first] = left;
  const request = requests[first?.items[0]?.request ?? 0];
  const alone =
    request === undefined || isPlaceable(cards, [{ ...request, count: first?.items.length }]);
  const what =
    request === undefined
      ? ''
      : say.requestText(typeText(request.type), first?.items.length ?? 1, [
          first?.affinity,
          say.onNode(request.node),
        ]);
  const reason = !alone
    ? say.notEvenAlone(what)
    : missingCards > 0
      ? say.cardsMissing(missingCards)
      : say.notTogether(what, proven);
  const changes = smallestChanges(cards, requests);
  return {
    fits: false,
    policy,
    proven,
    reason,
    changes: changes.length > 0 ? changes : [say.leaveOut(countsOf(left, requests))],
  };
}

/** The smallest sets of changes with which everything fits: first single changes, then pairs, then sets of three. */
function smallestChanges(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
): readonly string[] {
  const devices = requests.reduce((sum, { count = 1 }) => sum + count, 0);
  if (devices > MOST_DEVICES) return [];
  const single = changesOf(cards, requests);
  let trials = 0;
  let sets: readonly (readonly Change[])[] = [[]];
  for (let size = 1; size <= MOST_CHANGES; size++) {
    sets = sets.flatMap((set) => {
      const from = single.indexOf(set.at(-1) ?? NOTHING);
      return single.slice(Math.max(0, from)).map((change) => [...set, change]);
    });
    const helping: string[] = [];
    for (const set of sets) {
      if (++trials > MOST_TRIALS) return helping;
      const host = set.reduce((now, change) => change.cards(now), cards);
      const asked = set.reduce((now, change) => change.requests(now), requests);
      if (isPlaceable(host, asked)) helping.push(say.together(set.map(({ text }) => text)));
    }
    if (helping.length > 0) return [...new Set(helping)];
  }
  return [];
}

const NOTHING: Change = { text: '', cards: (cards) => cards, requests: (requests) => requests };

function changesOf(
  cards: readonly CardInfo[],
  requests: readonly PlacementRequest[],
): readonly Change[] {
  const fewer = requests.map(
    (request, index): Change => ({
      ...NOTHING,
      text: say.oneLess(typeText(request.type)),
      requests: (asked) =>
        asked.map((each, at) =>
          at === index ? { ...each, count: Math.max(0, (each.count ?? 1) - 1) } : each,
        ),
    }),
  );
  const freer = requests
    .filter(({ affinity }) => affinity !== undefined)
    .map(
      ({ group, affinity, type }): Change => ({
        ...NOTHING,
        text: say.without(affinity ?? '', group ?? typeText(type)),
        requests: (asked) =>
          asked.map((each) =>
            (group === undefined ? each.type === type : each.group === group)
              ? { ...each, affinity: undefined }
              : each,
          ),
      }),
    );
  const anywhere = requests.flatMap((request, index): readonly Change[] =>
    request.node === undefined
      ? []
      : [
          {
            ...NOTHING,
            text: say.withoutNode(request.node, typeText(request.type)),
            requests: (asked) =>
              asked.map((each, at) => (at === index ? { ...each, node: undefined } : each)),
          },
        ],
  );
  // Only devices that no domain has open: others must not be destroyed.
  const gone = cards.flatMap(({ card }) =>
    card.devices
      .filter(({ holder }) => holder === undefined)
      .map(
        ({ uuid, parent, type }): Change => ({
          ...NOTHING,
          text: say.destroying(mdevName(uuid, parent), type),
          cards: (host) => host.map((info) => withoutDevices(info, new Set([uuid]))),
        }),
      ),
  );
  return [...freer, ...anywhere, ...gone, ...fewer];
}

function countsOf(
  left: readonly Solution['units'][number][],
  requests: readonly PlacementRequest[],
): readonly string[] {
  const counts = new Map<number, number>();
  for (const { request } of left.flatMap(({ items }) => items)) {
    counts.set(request, (counts.get(request) ?? 0) + 1);
  }
  return [...counts].map(([index, count]) =>
    say.requestText(typeText(requests[index]?.type ?? ''), count),
  );
}
