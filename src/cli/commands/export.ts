import { hostname } from 'node:os';
import { draExport } from '../../exports/dra.ts';
import { type Exported, type Inventory, inventoryOf, typeNamed } from '../../exports/inventory.ts';
import { novaExport } from '../../exports/nova.ts';
import { opennebulaExport } from '../../exports/opennebula.ts';
import { placementExport } from '../../exports/placement.ts';
import { proxmoxExport } from '../../exports/proxmox.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import { parseUuid } from '../../nodedev/uuid.ts';
import type { Arguments, Command } from '../command.ts';
import { UsageError } from '../failures.ts';
import * as messages from '../messages.ts';
import { choiceOption, flagOption, numberOption, type Option, textOption } from '../options.ts';

const MANAGERS = ['nova', 'proxmox', 'opennebula', 'placement', 'dra'] as const;

const manager = { ...choiceOption('manager', MANAGERS, MANAGERS.join(', ')), required: true };
const node = textOption('node', 'placement, dra: name of this node; default: its host name', {
  placeholder: 'NAME',
});
const type = textOption('type', 'placement, dra: the one type that GPUs are for', {
  placeholder: 'TYPE',
  completion: 'type',
});
const provider = textOption('provider', "placement: the compute node's provider", {
  placeholder: 'UUID',
});
const driver = textOption('driver', 'dra: name of the DRA driver', { placeholder: 'NAME' });
const generation = numberOption('generation', 'dra: generation of the pool; default 1', {
  placeholder: 'N',
});
const groups = flagOption('compatibility-groups', 'dra: one framebuffer size on each GPU');

export const command: Command = {
  arguments: [manager],
  options: [node, type, provider, driver, generation, groups],
  description:
    'nova: device_spec, alias and mdev types for nova.conf, of the devices that are here. proxmox: commands that make mappings, and the ' +
    'lines of a VM. opennebula: the PCI attributes of VM templates. placement: the bodies of requests to OpenStack Placement, one child ' +
    'provider for each GPU. dra: ResourceSlices for Kubernetes (resource.k8s.io/v1); --compatibility-groups is for clusters with the ' +
    'feature gate DRADeviceCompatibilityGroups, and not for GPUs that mix sizes. Nothing is changed. What the sources do not agree on ' +
    'is said in comments, what is left out of JSON as notes.',
  examples: [
    ['export nova > vgpu.conf', 'for the nova.conf of this compute node'],
    ['export proxmox | sh', 'make the mappings of this node'],
    ['export dra --driver gpu.nvidia.com | kubectl apply -f -', 'publish what this node has'],
  ],
  failure: () => messages.exportFailed,

  async run({ args, connect, output }) {
    const wanted = args.get(manager);
    if (wanted === undefined) return;
    const form = formOf(wanted, args);
    const connection = await connect();
    const topology = await connection.topology();
    output.problems(topology.problems);
    const parents = new Map<string, NodeDevice>();
    for (const { name } of topology.cards.flatMap((card) => card.parents)) {
      parents.set(name, await connection.lookup(name));
    }
    const { items } = parents.size === 0 ? { items: [] } : await connection.types();
    const inventory = inventoryOf(
      topology,
      parents,
      new Map(items.map(({ id, facts }) => [id, facts])),
    );
    const { text, notes } = form(inventory);
    for (const note of notes) output.note(note);
    output.printExactly(text);
  },
};

/** What is made of an inventory. Mistakes in the options are found before a host is read. */
function formOf(wanted: (typeof MANAGERS)[number], args: Arguments): (of: Inventory) => Exported {
  switch (wanted) {
    case 'nova':
      return (inventory) => ({ text: novaExport(inventory), notes: [] });
    case 'proxmox':
      return (inventory) => ({ text: proxmoxExport(inventory), notes: [] });
    case 'opennebula':
      return (inventory) => ({ text: opennebulaExport(inventory), notes: [] });
    case 'placement': {
      const name = nodeOf(args);
      const uuid = required(wanted, args, provider, messages.computeProvider(name));
      const parsed = parseUuid(uuid);
      if (parsed === undefined) throw invalid(provider, uuid, messages.computeProvider(name));
      return (inventory) =>
        placementExport(inventory, { node: name, provider: parsed, type: typeIn(inventory, args) });
    }
    case 'dra': {
      const options = {
        node: nodeOf(args),
        driver: subdomain(driver, required(wanted, args, driver, messages.draDriver), 63),
        generation: args.get(generation) ?? 1,
        compatibilityGroups: args.get(groups),
      };
      return (inventory) => draExport(inventory, { ...options, type: typeIn(inventory, args) });
    }
  }
}

type TextOption = Option<string | undefined>;

const invalid = ({ name }: TextOption, value: string, hint: string): UsageError =>
  new UsageError(messages.invalidChoice(name, value), hint);

function required(wanted: string, args: Arguments, option: TextOption, hint: string): string {
  const value = args.get(option);
  if (value === undefined) throw new UsageError(messages.exportNeeds(wanted, option.name), hint);
  return value;
}

const nodeOf = (args: Arguments): string =>
  subdomain(node, args.get(node) ?? hostname().toLowerCase(), 180);

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const SUBDOMAIN = new RegExp(String.raw`^${LABEL}(?:\.${LABEL})*$`, 'u');

/** A name as Kubernetes takes it (RFC 1123). */
function subdomain(option: TextOption, name: string, limit: number): string {
  if (name.length > limit || !SUBDOMAIN.test(name)) {
    throw invalid(option, name, messages.subdomain(limit));
  }
  return name;
}

function typeIn(inventory: Inventory, args: Arguments): string | undefined {
  const written = args.get(type);
  if (written === undefined) return undefined;
  const id = typeNamed(inventory, written);
  if (id === undefined) {
    throw new UsageError(messages.exportTypeUnknown(written), messages.exportTypeHint);
  }
  return id;
}
