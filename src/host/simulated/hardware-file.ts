import type { CardType } from '../../drivers/driver.ts';
import { driverNamed } from '../../drivers/registry.ts';
import { settingProblem } from '../../drivers/settings.ts';
import { NodedevError } from '../../errors.ts';
import { baseName, isFileName } from '../tree.ts';
import { HARDWARE, isDevicePath } from './paths.ts';
import type { SimulatedCard, SimulatedHardware, SimulatedParent } from './profile.ts';

/** A simulated host's hardware as JSON. It is kept in the host's directory, so that opening the host needs no XML. */
export function formatHardware({ name, cards }: SimulatedHardware): string {
  const written = cards.map(({ driver, settings, types, parents }) => ({
    driver: driver.name,
    settings,
    types,
    parents: parents.map(({ path }) => path),
  }));
  return `${JSON.stringify({ name, cards: written })}\n`;
}

/**
 * Reads the text of {@link formatHardware}. A user may have changed the file, so everything that becomes a path is checked.
 *
 * @throws NodedevError `profile-invalid`
 */
export function parseHardware(text: string): SimulatedHardware {
  const host = record(parseJson(text), 'the host');
  return { name: string(host['name'], 'name'), cards: list(host['cards'], 'cards').map(readCard) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('it is no JSON', cause);
  }
}

function readCard(value: unknown): SimulatedCard {
  const card = record(value, 'a card');
  const driverName = string(card['driver'], 'driver');
  const driver = driverNamed(driverName);
  if (driver === undefined) throw invalid(`the rules of driver '${driverName}' are not known`);
  const settings = Object.entries(record(card['settings'], 'settings')).map(
    ([key, setting]): [string, string] => [key, string(setting, key)],
  );
  for (const [key, setting] of settings) {
    const problem = settingProblem(driver, key, setting);
    if (problem !== undefined) throw invalid(problem);
  }
  return {
    driver,
    settings: Object.fromEntries(settings),
    types: list(card['types'], 'types').map(readType),
    parents: list(card['parents'], 'parents').map(readParent),
  };
}

function readType(value: unknown): CardType {
  const type = record(value, 'a type');
  const id = string(type['id'], 'id');
  if (!isFileName(id)) throw invalid(`'${id}' can be no directory, so no type`);
  const optional = (key: string) => (type[key] === undefined ? undefined : string(type[key], key));
  return {
    id,
    name: optional('name'),
    deviceApi: string(type['deviceApi'], 'deviceApi'),
    description: optional('description'),
  };
}

function readParent(value: unknown): SimulatedParent {
  const path = string(value, 'a parent');
  if (!isDevicePath(path)) throw invalid(`the path '${path}' is none below /sys/devices`);
  return { address: baseName(path), path };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw invalid(`${what} is no object`);
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${what} is no list`);
  return value;
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw invalid(`${what} is no text`);
  return value;
}

function invalid(problem: string, cause?: unknown): NodedevError {
  return new NodedevError('profile-invalid', `${HARDWARE} of the simulated host: ${problem}`, {
    hint: 'The file was changed; make the host anew, in a new directory.',
    cause,
  });
}
