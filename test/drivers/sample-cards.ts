import type { Card, CardType, Driver, DriverSetting } from '../../src/drivers/driver.ts';
import { checkedDriver } from '../../src/host/simulated/own-driver.ts';
import { LAMPS_XML, lampsDriver } from '../support/lamps.ts';
import { profileDrivers } from '../../src/drivers/registry.ts';
import type { ProfileCard } from '../../src/host/simulated/profile.ts';
import { parseProfile } from '../../src/host/simulated/parse-profile.ts';
import { readSampleProfile, sampleProfiles } from '../../src/host/simulated/samples.ts';

/** An empty card of a driver that is known, and its driver. */
export interface SampleCard {
  /** `nvidia-t4 homogeneous=none` */
  readonly name: string;
  readonly driver: Driver;
  readonly card: Card;
}

/** The example of a driver of one's own, as a host has it. */
export const example = checkedDriver(lampsDriver, './lamps.mjs');

export const exampleCards = parseProfile(LAMPS_XML, undefined, {
  modules: () => example,
}).cards.map((card) => ({
  ...card,
  profile: 'lamps',
}));

/** The cards of every profile that ships, as they are there: not those whose functions a boot leaves off. */
export const profileCards: readonly (ProfileCard & { readonly profile: string })[] =
  sampleProfiles().flatMap((profile) =>
    parseProfile(readSampleProfile(profile))
      .cards.filter(({ bootsOff }) => bootsOff !== true)
      .map((card) => ({ ...card, profile })),
  );

/**
 * What the suites for all drivers run on: of every driver, every board of the profiles, as it is there and with each
 * setting the driver declares at other values than its default.
 */
export const sampleCards: readonly SampleCard[] = [...profileDrivers(), example].flatMap((driver) =>
  boardsOf(driver).flatMap(({ profile, parents, types, settings }) =>
    [
      settings,
      ...driver.settings.flatMap(otherValues).map((value) => ({ ...settings, ...value })),
    ].map((each) => ({
      name: [profile, driver.name, ...Object.entries(each).map((pair) => pair.join('='))].join(' '),
      driver,
      card: { parents: parents.map(({ address }) => address), types, settings: each, devices: [] },
    })),
  ),
);

/** One card of each list of types and number of parents. */
function boardsOf(driver: Driver): (typeof profileCards)[number][] {
  const boards = [...profileCards, ...exampleCards]
    .filter((card) => card.driver === driver)
    .map((card) => [JSON.stringify([card.types, card.parents.length]), card] as const);
  return [...new Map(boards).values()];
}

function otherValues({
  name,
  default: usual,
  words,
  text,
}: DriverSetting): Record<string, string>[] {
  if (text !== undefined) return [];
  const values = words ?? ['1', String(Number(usual) * 2)];
  return values.filter((value) => value !== usual).map((value) => ({ [name]: value }));
}

/** The types a driver's cards offer in a profile that ships, by id. */
export function offered(profile: string, driver: Driver): readonly CardType[] {
  const own = profileCards.filter((card) => card.profile === profile && card.driver === driver);
  const types = new Map(own.flatMap((card) => card.types.map((type) => [type.id, type])));
  return [...types.values()].toSorted(byId);
}

export const byId = (one: CardType, other: CardType): number => one.id.localeCompare(other.id);
