import type { SetupStep, ToolAnswer, ToolCommand } from '../../drivers/card-setup.ts';
import type { FunctionFiles } from '../../drivers/driver.ts';
import { HostError } from '../host.ts';
import { IOMMU_GROUPS } from '../sysfs/paths.ts';
import { parsePciAddress } from '../sysfs/pci-address.ts';
import { linkName, namesIfAny } from '../sysfs/values.ts';
import { baseName, file, resolveLink, type Tree } from '../tree.ts';
import { readCard, updateCounts } from './cards.ts';
import { plantFunction } from './function-core.ts';
import { plantGroup, plantLink } from './hardware.ts';
import { lowestFree } from './numbers.ts';
import { OFF } from './paths.ts';
import type { SimulatedCard } from './profile.ts';
import { keepOverlay, overlayOf, pruneIfAny, settingsNow } from './setup-overlay.ts';
import type { Simulation } from './simulation.ts';

/** A card whose parents are virtual functions, with the sysfs name of the physical one. */
interface FunctionCard {
  readonly card: SimulatedCard;
  readonly files: FunctionFiles;
  readonly physical: string;
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
    { do: 'attribute' },
    () => {
      keepOverlay(tree, physical, next);
      if (step.do === 'functions') turn(tree, target, step.on);
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
export function plantSetup(tree: Tree, card: SimulatedCard): void {
  const target = functionCard(tree, card);
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
export const functionCards = ({ tree, hardware }: Simulation): readonly FunctionCard[] =>
  hardware.cards.flatMap((card) => functionCard(tree, card) ?? []);

/** Whether a virtual function with this path is off. */
export const isOff = (tree: Tree, path: string): boolean =>
  namesIfAny(tree, OFF).some(
    (physical) => tree.kind(`${OFF}/${physical}/${baseName(path)}`) !== undefined,
  );

const cardAt = (simulation: Simulation, address: string): FunctionCard | undefined =>
  functionCards(simulation).find(({ physical }) => physical === address);

function functionCard(tree: Tree, card: SimulatedCard): FunctionCard | undefined {
  const { functions: files, parents } = card;
  const [first] = parents;
  if (files === undefined || first === undefined) return undefined;
  const aside = namesIfAny(tree, OFF).find(
    (name) => tree.kind(`${OFF}/${name}/${first.address}`) !== undefined,
  );
  const physical = aside ?? linkName(tree, `${first.path}/physfn`);
  return physical === undefined ? undefined : { card, files, physical };
}

const pathOf = (tree: Tree, address: string): string =>
  resolveLink('/sys/bus/pci/devices', tree.readLink(`/sys/bus/pci/devices/${address}`));

const isOn = (tree: Tree, { card: { parents } }: FunctionCard): boolean =>
  parents.every(({ path }) => tree.kind(path) !== undefined);

/** Makes all functions of a card appear or disappear; those that are as they should be stay. */
function turn(tree: Tree, target: FunctionCard, on: boolean): void {
  const { card, physical } = target;
  const path = pathOf(tree, physical);
  if (!on) tree.replace(`${path}/sriov_numvfs`, '0\n');
  for (const [index, parent] of card.parents.entries()) {
    const isThere = tree.kind(parent.path) !== undefined;
    if (on && !isThere) appear(tree, target, parent);
    if (!on && isThere) disappear(tree, target, parent);
    const link = `${path}/virtfn${index}`;
    if (on && tree.kind(link) === undefined) plantLink(tree, link, parent.path);
    if (!on) pruneIfAny(tree, link);
  }
  if (on) tree.replace(`${path}/sriov_numvfs`, `${card.parents.length}\n`);
}

type Place = SimulatedCard['parents'][number];

/** The links by which the bus and the driver know a function. */
const linksOf = ({ files }: FunctionCard, address: string): readonly string[] => [
  `/sys/bus/pci/devices/${address}`,
  `/sys/bus/pci/drivers/${files.boundTo}/${address}`,
];

function disappear(tree: Tree, target: FunctionCard, { address, path }: Place): void {
  const group = linkName(tree, `${path}/iommu_group`);
  for (const link of linksOf(target, address)) pruneIfAny(tree, link);
  if (group !== undefined) {
    pruneIfAny(tree, `${IOMMU_GROUPS}/${group}/devices/${address}`);
    if (namesIfAny(tree, `${IOMMU_GROUPS}/${group}/devices`).length === 0) {
      pruneIfAny(tree, `${IOMMU_GROUPS}/${group}`);
      pruneIfAny(tree, `/dev/vfio/${group}`);
    }
  }
  for (const name of namesIfAny(tree, `${path}/vfio-dev`)) {
    pruneIfAny(tree, `/sys/class/vfio-dev/${name}`);
  }
  // What the driver makes when it is bound.
  pruneIfAny(tree, `${path}/vfio-dev`);
  pruneIfAny(tree, `${path}/${target.files.current.split('/')[0] ?? ''}`);
  tree.ensureDirectory(`${OFF}/${target.physical}`);
  tree.rename(path, `${OFF}/${target.physical}/${address}`);
}

function appear(tree: Tree, target: FunctionCard, { address, path }: Place): void {
  tree.rename(`${OFF}/${target.physical}/${address}`, path);
  for (const link of linksOf(target, address)) {
    if (tree.kind(link) === undefined) plantLink(tree, link, path);
  }
  const before = linkName(tree, `${path}/iommu_group`);
  if (before !== undefined) {
    // Its number may be another device's now.
    const isFree = tree.kind(`${IOMMU_GROUPS}/${before}`) === undefined;
    const group = isFree ? Number(before) : lowestFree(tree, IOMMU_GROUPS);
    tree.prune(`${path}/iommu_group`);
    plantGroup(tree, path, group);
  }
  plantFunction(tree, path, target.files);
}
