import { hypotheses } from '../../drivers/hypotheses.ts';
import type { CardInfo } from '../card-info.ts';
import type { HostType } from '../../host/host.ts';

/**
 * The card without these devices, with the counts that its rules give then. When it has none of them, `info` itself is
 * returned. Where no rules are known, each device gives back one instance of its own type.
 */
export function withoutDevices(info: CardInfo, uuids: ReadonlySet<string>): CardInfo {
  const devices = info.card.devices.filter(({ uuid }) => !uuids.has(uuid));
  if (devices.length === info.card.devices.length) return info;
  const card = { ...info.card, devices };
  const [rules] = hypotheses(info);
  if (rules === undefined) {
    const gone = info.card.devices.filter(({ uuid }) => uuids.has(uuid));
    return withCounts({ ...info, card }, (parent, type) => {
      const given = gone.filter((each) => each.parent === parent && each.type === type.id);
      return type.availableInstances + given.length;
    });
  }
  const after = { ...rules.card, devices };
  return withCounts({ ...info, card: { ...card, settings: rules.card.settings } }, (parent, type) =>
    rules.driver.available(after, parent, type),
  );
}

/** The card with other counts. */
export function withCounts(
  { card, parents }: CardInfo,
  count: (parent: string, type: HostType) => number,
): CardInfo {
  return {
    card,
    parents: parents.map((parent) => ({
      ...parent,
      types: parent.types.map((type) => ({
        ...type,
        availableInstances: count(parent.address, type),
      })),
    })),
  };
}
