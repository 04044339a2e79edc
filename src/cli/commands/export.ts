import { inventoryOf } from '../../exports/inventory.ts';
import { novaExport } from '../../exports/nova.ts';
import { opennebulaExport } from '../../exports/opennebula.ts';
import { proxmoxExport } from '../../exports/proxmox.ts';
import type { NodeDevice } from '../../nodedev/device.ts';
import type { Command } from '../command.ts';
import * as messages from '../messages.ts';
import { choiceOption, jsonOption } from '../options.ts';
import { issueData } from '../report-error.ts';

const EXPORTS = { nova: novaExport, proxmox: proxmoxExport, opennebula: opennebulaExport };
const MANAGERS = ['nova', 'proxmox', 'opennebula'] as const;

const manager = { ...choiceOption('manager', MANAGERS, MANAGERS.join(', ')), required: true };

export const command: Command = {
  arguments: [manager],
  options: [jsonOption],
  description:
    'nova: device_spec, alias and mdev types for nova.conf, of the devices that are here. proxmox: commands that make mappings, and the ' +
    'lines of a VM. opennebula: the PCI attributes of VM templates. Nothing is changed. What the sources do not agree on is said in comments.',
  examples: [
    ['export nova > vgpu.conf', 'for the nova.conf of this compute node'],
    ['export proxmox | sh', 'make the mappings of this node'],
  ],
  failure: () => messages.exportFailed,

  async run({ args, connect, output }) {
    const wanted = args.get(manager);
    if (wanted === undefined) return;
    const connection = await connect();
    const topology = await connection.topology();
    output.problems(topology.problems);
    const parents = new Map<string, NodeDevice>();
    for (const { name } of topology.cards.flatMap((card) => card.parents)) {
      parents.set(name, await connection.lookup(name));
    }
    const text = EXPORTS[wanted](inventoryOf(topology, parents));
    const problems = topology.problems.map(issueData);
    if (args.get(jsonOption)) output.answer('export', { manager: wanted, text, problems });
    else output.printExactly(text);
  },
};
