import type { AttributeFiles, AttributeWrites, Card } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { baseName, directoryName, type Tree } from '../tree.ts';
import { type ParentWithCard, readCard } from './cards.ts';
import { openDevices } from './openings.ts';
import type { SimulatedCard } from './profile.ts';
import type { Simulation } from './simulation.ts';

/** Answers a write to an attribute of a device, as its driver does. */
export function writeAttribute(
  simulation: Simulation,
  { card }: ParentWithCard,
  path: string,
  words: string,
): void {
  const { tree, guard, occupancy } = simulation;
  const { attributeWrites: writes, paramsAttribute, params } = card.driver;
  if (params !== undefined && words !== '' && path.endsWith(`/${paramsAttribute}`)) {
    const uuid = baseName(path.slice(0, -`/${paramsAttribute}`.length));
    const snapshot = occupancy.snapshot(card, (each) => openDevices(tree).get(each));
    const own = snapshot.devices.find((one) => one.uuid === uuid);
    const errno = own && params(snapshot, own, words);
    if (errno !== undefined) throw new HostError(errno, path, { written: words });
  }
  if (writes === undefined || words === '') {
    keep(tree, path, words);
    return;
  }
  const device = directoryName(path);
  const snapshot = occupancy.snapshot(card);
  const own = stateOf(tree, writes, device);
  const others = devicePathsOf(tree, card, snapshot)
    .filter((other) => other !== device)
    .map((other) => stateOf(tree, writes, other));
  const answer = writes.answer(snapshot, { name: baseName(path), words }, own, others);
  if ('errno' in answer) throw new HostError(answer.errno, path, { written: words });
  if (Object.entries(answer.files).every(([name, text]) => own[name] === text)) return;
  const change = (): void => {
    // The state comes last: until then the write has not happened, and what follows from it is made anew.
    replaceAll(tree, device, writes.derived(snapshot, { ...own, ...answer.files }));
    replaceAll(tree, device, answer.files);
  };
  guard.changing({ do: 'attribute' }, change, () => replaceAll(tree, device, own));
}

/** Puts the files right that follow from others, when a write was interrupted between them. */
export function repairAttributes(tree: Tree, card: SimulatedCard): void {
  const writes = card.driver.attributeWrites;
  if (writes === undefined) return;
  const snapshot = readCard(tree, card);
  for (const device of devicePathsOf(tree, card, snapshot)) {
    replaceAll(tree, device, writes.derived(snapshot, stateOf(tree, writes, device)));
  }
}

/** Writes an attribute. Like a driver, it adds a final newline to the value when there is none. */
function keep(tree: Tree, path: string, words: string): void {
  try {
    tree.write(path, words.endsWith('\n') || words === '' ? words : `${words}\n`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new HostError(error.errno, error.path, { written: words, cause: error.cause });
  }
}

const stateOf = (tree: Tree, { state }: AttributeWrites, device: string): AttributeFiles =>
  Object.fromEntries(state.map((name) => [name, tree.read(`${device}/${name}`)]));

function replaceAll(tree: Tree, device: string, files: AttributeFiles): void {
  for (const [name, text] of Object.entries(files)) {
    const path = `${device}/${name}`;
    if (tree.read(path) !== text) tree.replace(path, text);
  }
}

/** The card's devices that have attributes: an unbound one has none. */
function devicePathsOf(tree: Tree, card: SimulatedCard, { devices }: Card): readonly string[] {
  const paths = new Map(card.parents.map(({ address, path }) => [address, path]));
  return devices.flatMap(({ uuid, parent }) => {
    const path = paths.get(parent);
    const isBound = path !== undefined && tree.kind(`${path}/${uuid}/driver`) !== undefined;
    return isBound ? [`${path}/${uuid}`] : [];
  });
}
