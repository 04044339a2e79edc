import type { SetupStep, ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';
import type { FunctionFiles } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { IOMMU_GROUPS } from '../sysfs/paths.ts';
import { parsePciAddress } from '../sysfs/pci-address.ts';
import { iommuGroupOf, linkName, namesIfAny } from '../sysfs/values.ts';
import { baseName, file, pruneIfAny, resolveLink, type Tree } from '../tree.ts';
import { readCard, updateCounts } from './cards.ts';
import { plantFunction, pruneVfioDevice } from './function-core.ts';
import { type DeviceNodes, kernelOf, type KernelRules, nodesOf } from './kernel.ts';
import { plantGroup, plantLink } from './hardware.ts';
import { lowestFree } from './numbers.ts';
import { OFF } from './paths.ts';
import type { SimulatedCard } from './profile.ts';
import { keepOverlay, overlayOf, settingsNow } from './setup-overlay.ts';
import type { Simulation } from './simulation.ts';

/** A card whose parents are virtual functions, with the sysfs name of the physical one. */
interface FunctionCard {
  readonly card: SimulatedCard;
  readonly files: FunctionFiles;
  readonly physical: string;
  readonly nodes: DeviceNodes;
}

/** Whether a driver of a card is set up with this program, for which the simulation then stands in. */
export const standsInFor = ({ hardware }: Simulation, program: string): boolean =>
  hardware.cards.some(({ driver, functions }) =>
    functions === undefined
      ? false
      : [
          ...(driver.setup?.queries('') ?? []),
          driver.setup?.command('', { do: 'functions', on: true }),
        ].some((command) => command?.program === program),
  );

/** Stands in for a vendor's program: answers as it does, and changes the host as it does. */
export function answerTool(simulation: Simulation, command: ToolCommand): ToolAnswer {
  const { tree, hardware } = simulation;
  const found = hardware.cards.flatMap(({ driver }) => driver.setup ?? [])[0];
  if (found === undefined) throw new HostError('ENOENT', command.program);
  const { address, step, ...answer } = found.standIn(command, (name) => {
    const target = cardAt(simulation, name);
    if (target === undefined) return undefined;
    const now = readCard(tree, target.card);
    const state = found.stateOf(
      { settings: settingsNow(tree, target.card, name) },
      isOn(tree, target),
    );
    return { state, hasDevices: now.devices.length > 0, types: target.card.types };
  });
  const target = address === undefined ? undefined : cardAt(simulation, address);
  if (target !== undefined && step !== undefined) makeStep(simulation, target, step);
  return answer;
}

function makeStep({ tree, guard }: Simulation, target: FunctionCard, step: SetupStep): void {
  const { card, physical } = target;
  const { setup } = card.driver;
  if (setup === undefined) return;
  const wasOn = isOn(tree, target);
  const [before, settings] = [overlayOf(tree, physical), settingsNow(tree, card, physical)];
  const next = setup.settings(setup.after(setup.stateOf({ settings }, wasOn), step));
  guard.changing(
    step.do === 'functions' ? { do: 'functions', physical } : { do: 'attribute' },
    () => {
      if (step.do === 'functions') turn(tree, target, step.on);
      keepOverlay(tree, physical, next);
      updateCounts(tree, card);
    },
    () => {
      keepOverlay(tree, physical, before);
      turn(tree, target, wasOn);
    },
  );
}

/** What a boot leaves of a card's set-up: its functions as the profile boots them, and of the rest what stays over a reboot. */
export function bootSetup(simulation: Simulation): void {
  const { tree } = simulation;
  for (const target of functionCards(simulation)) {
    const { card } = target;
    const { setup } = card.driver;
    const now = setup?.stateOf({ settings: settingsNow(tree, card, target.physical) }, false);
    const isOther = setup !== undefined && now?.mig !== setup.stateOf(card, false).mig;
    const kept = isOther && now !== undefined ? setup.settings(setup.afterBoot(now)) : {};
    keepOverlay(tree, target.physical, kept);
    turn(tree, target, card.bootsOff !== true);
    updateCounts(tree, card);
  }
}

/** What a new tree needs beside its functions: where they are counted from; they are off where the profile boots them off. */
export function plantSetup(tree: Tree, card: SimulatedCard, kernel: KernelRules): void {
  const target = functionCard(tree, card, kernel);
  const [first, second] = card.parents;
  if (target === undefined || first === undefined) return;
  const path = pathOf(tree, target.physical);
  const id = (address: string): number => {
    const { bus = 0, slot = 0, function: fn = 0 } = parsePciAddress(address) ?? {};
    return (bus << 8) + (slot << 3) + fn;
  };
  const [offset, stride] = [
    id(first.address) - id(target.physical),
    second === undefined ? 0 : id(second.address) - id(first.address),
  ];
  tree.plant(`${path}/sriov_offset`, file(`${offset}\n`));
  tree.plant(`${path}/sriov_stride`, file(`${stride}\n`));
  if (card.bootsOff === true) turn(tree, target, false);
}

/** The cards that have functions, whether these are on or off. */
export const functionCards = ({
  tree,
  hardware,
}: Pick<Simulation, 'tree' | 'hardware'>): readonly FunctionCard[] =>
  hardware.cards.flatMap((card) => functionCard(tree, card, kernelOf(hardware)) ?? []);

/** Whether a virtual function with this path is off. */
export const isOff = (tree: Tree, path: string): boolean =>
  namesIfAny(tree, OFF).some(
    (physical) => tree.kind(`${OFF}/${physical}/${baseName(path)}`) !== undefined,
  );

const cardAt = (
  host: Pick<Simulation, 'tree' | 'hardware'>,
  address: string,
): FunctionCard | undefined => functionCards(host).find(({ physical }) => physical === address);

function functionCard(
  tree: Tree,
  card: SimulatedCard,
  kernel: KernelRules,
): FunctionCard | undefined {
  const { functions: files, parents } = card;
  const [first] = parents;
  if (files === undefined || first === undefined) return undefined;
  const aside = namesIfAny(tree, OFF).find(
    (name) => tree.kind(`${OFF}/${name}/${first.address}`) !== undefined,
  );
  const physical = aside ?? linkName(tree, `${first.path}/physfn`);
  return physical === undefined
    ? undefined
    : { card, files, physical, nodes: nodesOf(kernel, card) };
}

const pathOf = (tree: Tree, address: string): string =>
  resolveLink('/sys/bus/pci/devices', tree.readLink(`/sys/bus/pci/devices/${address}`));

const isOn = (tree: Tree, { card: { parents } }: FunctionCard): boolean =>
  parents.every(({ path }) => tree.kind(path) !== undefined);

/**
 * Makes all functions of a card appear or disappear. What is as it should be stays, so that this also puts right what an
 * interrupted change left: the number of functions is the first to go, and the last to come.
 */
function turn(tree: Tree, target: FunctionCard, on: boolean): void {
  const { card, physical } = target;
  const path = pathOf(tree, physical);
  if (!on) setCount(tree, path, 0);
  for (const [index, parent] of card.parents.entries()) {
    const link = `${path}/virtfn${index}`;
    if (on) {
      appear(tree, target, parent);
      const isThere = tree.kind(parent.path) !== undefined;
      if (isThere && tree.kind(link) === undefined) plantLink(tree, link, parent.path);
    } else {
      pruneIfAny(tree, link);
      disappear(tree, target, parent);
    }
  }
  if (on) setCount(tree, path, card.parents.length);
}

function setCount(tree: Tree, path: string, count: number): void {
  const numbers = `${path}/sriov_numvfs`;
  if (tree.read(numbers) !== `${count}\n`) tree.replace(numbers, `${count}\n`);
}

/** Puts right what an interrupted change of the functions of a physical one left. */
export function settleFunctions(
  host: Pick<Simulation, 'tree' | 'hardware'>,
  physical: string,
): void {
  const target = cardAt(host, physical);
  if (target === undefined) return;
  const { tree } = host;
  turn(tree, target, tree.read(`${pathOf(tree, physical)}/sriov_numvfs`) !== '0\n');
}

type Place = SimulatedCard['parents'][number];

/** The links by which the bus and the driver know a function. */
const linksOf = ({ files }: FunctionCard, address: string): readonly string[] => [
  `/sys/bus/pci/devices/${address}`,
  `/sys/bus/pci/drivers/${files.boundTo}/${address}`,
];

function disappear(tree: Tree, target: FunctionCard, { address, path }: Place): void {
  for (const link of linksOf(target, address)) pruneIfAny(tree, link);
  if (tree.kind(path) === undefined) return;
  const group = linkName(tree, `${path}/iommu_group`);
  unbind(tree, target, path);
  if (group !== undefined) {
    pruneIfAny(tree, `${IOMMU_GROUPS}/${group}/devices/${address}`);
    if (namesIfAny(tree, `${IOMMU_GROUPS}/${group}/devices`).length === 0) {
      pruneIfAny(tree, `${IOMMU_GROUPS}/${group}`);
      pruneIfAny(tree, `/dev/vfio/${group}`);
    }
  }
  tree.ensureDirectory(`${OFF}/${target.physical}`);
  tree.rename(path, `${OFF}/${target.physical}/${address}`);
}

/** Removes what the driver made when it was bound; the file with the type first, without which it is no parent. */
function unbind(tree: Tree, { files }: FunctionCard, path: string): void {
  pruneIfAny(tree, `${path}/${files.current}`);
  pruneVfioDevice(tree, path);
  pruneIfAny(tree, `${path}/vfio-dev`);
  pruneIfAny(tree, `${path}/${files.current.split('/')[0] ?? ''}`);
}

function appear(tree: Tree, target: FunctionCard, { address, path }: Place): void {
  const { files, physical } = target;
  const aside = `${OFF}/${physical}/${address}`;
  if (tree.kind(path) === undefined) {
    if (tree.kind(aside) === undefined) return; // it was unplugged alone
    tree.rename(aside, path);
  }
  const number = iommuGroupOf(tree, path);
  if (number !== undefined) joinGroup(tree, path, number);
  if (tree.kind(`${path}/${files.current}`) === undefined) {
    unbind(tree, target, path);
    plantFunction(tree, path, files, target.nodes);
  }
  for (const link of linksOf(target, address)) {
    if (tree.kind(link) === undefined) plantLink(tree, link, path);
  }
}

/** Puts a function into the IOMMU group that it was in, or into another one when that is another device's now. */
function joinGroup(tree: Tree, path: string, before: number): void {
  const members = namesIfAny(tree, `${IOMMU_GROUPS}/${before}/devices`);
  const isOwn = members.length === 0 || members.includes(baseName(path));
  if (isOwn) plantGroup(tree, path, before);
  else {
    const next = lowestFree(tree, IOMMU_GROUPS);
    tree.prune(`${path}/iommu_group`);
    plantGroup(tree, path, next);
  }
}
