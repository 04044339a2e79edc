import * as v from 'valibot';
import type { Card } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { readIfAny } from '../sysfs/values.ts';
import { file, pruneIfAny, type Tree } from '../tree.ts';
import { SETUPS } from './paths.ts';
import type { SimulatedCard } from './profile.ts';

/** The settings of a card: the profile's, and over them what was set up since. */
export function settingsNow(tree: Tree, card: SimulatedCard, physical: string): Card['settings'] {
  return { ...card.settings, ...overlayOf(tree, physical) };
}

const overlayShape = v.record(v.string(), v.string());

/** The settings that were set up since the profile's. */
export function overlayOf(tree: Tree, physical: string): Card['settings'] {
  const text = readIfAny(tree, `${SETUPS}/${physical}`);
  if (text === undefined) return {};
  try {
    return v.parse(overlayShape, JSON.parse(text));
  } catch (cause) {
    throw new HostError('EBADMSG', `${SETUPS}/${physical}`, { cause });
  }
}

export function keepOverlay(tree: Tree, physical: string, settings: Card['settings']): void {
  const path = `${SETUPS}/${physical}`;
  tree.ensureDirectory(SETUPS);
  if (Object.keys(settings).length === 0) pruneIfAny(tree, path);
  else if (tree.kind(path) === undefined) tree.plant(path, file(JSON.stringify(settings), 0o644));
  else tree.replace(path, JSON.stringify(settings));
}
