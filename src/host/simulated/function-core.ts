import type { FunctionFiles } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { IDENTITIES } from '../sysfs/function-identities.ts';
import { FunctionFramework } from '../sysfs/function-framework.ts';
import { DEV_VFIO, VFIO_DEVICES } from '../sysfs/paths.ts';
import { iommuGroupOf, namesIfAny, readCount } from '../sysfs/values.ts';
import { file, linkTo, pruneIfAny, type Tree } from '../tree.ts';
import { type ParentWithCard, updateCounts } from './cards.ts';
import { DEVICE_NODE, OWN_NODES, ownNodeFiles, POWER } from './device-tree.ts';
import type { DeviceNodes } from './kernel.ts';
import { lowestFree } from './numbers.ts';
import { holderOf } from './openings.ts';
import type { Simulation } from './simulation.ts';
import { ueventOfFunction } from './uevents.ts';

/** The longest text the driver takes as parameters. */
const LONGEST_PARAMETERS = 1023;

/**
 * Answers a write to the file with a function's type, as the driver does (its kernel interface, MIT, 2017-2022):
 * EINVAL for what is no decimal number and ERANGE for one that is too large; EPERM for a type while there is one, also the
 * same, and for 0 while there is none or while it is open; the driver's own errno when the GPU has no room for the type.
 */
export function answerType(
  simulation: Simulation,
  target: ParentWithCard,
  files: FunctionFiles,
  path: string,
  words: string,
): void {
  const { tree, occupancy } = simulation;
  const { card, parent } = target;
  const refuse = (errno: string): HostError => new HostError(errno, path, { written: words });
  if (!/^[+-]?\d+\n?$/.test(words)) throw refuse('EINVAL');
  const number = Number(words);
  if (number > 0xffff_ffff) throw refuse('ERANGE');
  const now = readCount(tree, path);
  if ((number === 0) === (now === 0)) throw refuse('EPERM');
  if (number === 0) {
    if (holderOf(tree, uuidAt(tree, target) ?? '') !== undefined) throw refuse('EPERM');
  } else {
    const type = card.types.find(({ id }) => id === files.idOf(number));
    if (type === undefined) throw refuse('EIO');
    const isFull = card.driver.available(occupancy.snapshot(card), parent.address, type) === 0;
    if (isFull) throw refuse(files.fullErrno);
  }
  setType(simulation, target, path, { now, next: number });
}

/** Takes the type of a function, whoever has it. */
export function clearType(
  simulation: Simulation,
  target: ParentWithCard,
  files: FunctionFiles,
): void {
  const path = `${target.parent.path}/${files.current}`;
  const now = readCount(simulation.tree, path);
  if (now !== 0) setType(simulation, target, path, { now, next: 0 });
}

function setType(
  { tree, guard, uevents }: Simulation,
  target: ParentWithCard,
  path: string,
  { now, next }: { readonly now: number; readonly next: number },
): void {
  const before = uuidAt(tree, target);
  const change = (): void => {
    tree.replace(path, `${next}\n`);
    // What was set of a type goes with it.
    for (const name of target.card.functions?.attributes ?? []) {
      const attribute = `${target.parent.path}/${name}`;
      if (next === 0 && tree.read(attribute) !== '') tree.replace(attribute, '');
    }
    updateCounts(tree, target.card);
    const uuid = before ?? uuidAt(tree, target);
    if (uuid !== undefined) {
      uevents.emit(() => [
        ueventOfFunction(next === 0 ? 'remove' : 'add', target.parent.path, uuid),
      ]);
    }
  };
  guard.changing({ do: 'attribute' }, change, () => tree.replace(path, `${now}\n`));
}

/** Answers a write to an attribute of a function: ENXIO without a type, EPERM while it is open, E2BIG for a long text. */
export function writeFunctionAttribute(
  { tree }: Simulation,
  target: ParentWithCard,
  path: string,
  words: string,
): void {
  const refuse = (errno: string): HostError => new HostError(errno, path, { written: words });
  const uuid = uuidAt(tree, target);
  if (uuid === undefined) throw refuse('ENXIO');
  if (holderOf(tree, uuid) !== undefined) throw refuse('EPERM');
  if (words.length > LONGEST_PARAMETERS) throw refuse('E2BIG');
  tree.replace(path, words === '' || words.endsWith('\n') ? words : `${words}\n`);
}

/** The files of a function, which exist as long as it is bound to the driver. Its VFIO device does, too. */
export function plantFunction(
  tree: Tree,
  path: string,
  files: FunctionFiles,
  nodes: DeviceNodes,
): void {
  const index = lowestFree(tree, VFIO_DEVICES, 'vfio');
  const vfio = `${path}/vfio-dev/vfio${index}`;
  const number = iommuGroupOf(tree, path);
  for (const folder of [vfio, `${path}/${files.current}`.replace(/\/[^/]+$/, '')]) {
    tree.ensureDirectory(folder);
  }
  tree.plant(`${vfio}/power`, POWER);
  if (nodes.own) {
    for (const [name, branch] of ownNodeFiles(index)) tree.plant(`${vfio}/${name}`, branch);
    tree.plant(`${OWN_NODES}/vfio${index}`, DEVICE_NODE);
  }
  tree.plant(`/sys/class/vfio-dev/vfio${index}`, linkTo(`/sys/class/vfio-dev/vfio${index}`, vfio));
  const node = `${DEV_VFIO}/${number}`;
  if (nodes.group && number !== undefined && tree.kind(node) === undefined) {
    tree.plant(node, DEVICE_NODE);
  }
  tree.ensureDirectory(IDENTITIES);
  tree.plant(`${path}/${files.offered}`, file(''));
  for (const name of files.attributes) tree.plant(`${path}/${name}`, file('', 0o644));
  // The last: with it the function is a parent.
  tree.plant(`${path}/${files.current}`, file('0\n', 0o644));
}

/** Takes a function's VFIO device out of its class, with the node that it has. */
export function pruneVfioDevice(tree: Tree, path: string): void {
  for (const name of namesIfAny(tree, `${path}/vfio-dev`)) {
    pruneIfAny(tree, `/sys/class/vfio-dev/${name}`);
    pruneIfAny(tree, `${OWN_NODES}/${name}`);
  }
}

const uuidAt = (tree: Tree, { parent }: ParentWithCard): string | undefined =>
  new FunctionFramework(tree).cardDevices([parent])[0]?.uuid;
