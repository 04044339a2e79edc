import type { Misfit, Placement, PlacementRequest } from '../../plan/placement.ts';
import { parsePlacementRequest } from '../../plan/creation.ts';
import type { Arguments, Command } from '../command.ts';
import { readSource } from '../files.ts';
import { UsageError } from '../failures.ts';
import { fleetOption, fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { choiceOption, jsonOption, listOption, textOption, wholeNumberOption } from '../options.ts';
import { formatTable, type TableRoom } from '../table.ts';

const request = listOption('request', 'TYPE or TYPE*COUNT', { completion: 'type' });
const policy = choiceOption(
  'policy',
  ['pack', 'spread'],
  'pack: as few empty cards as possible (default); spread: as even as possible',
);
const affinity = choiceOption(
  'affinity',
  ['same-parent', 'different-parents', 'same-numa-node'],
  'how all these devices stand to each other',
);

const node = wholeNumberOption('node', 'only on cards of this NUMA node', { placeholder: 'N' });
const domain = textOption(
  'domain',
  "rather on the NUMA nodes of this domain's vCPUs; elsewhere where they have no room",
  { placeholder: 'DOMAIN.xml' },
);

export const command: Command = {
  arguments: [request],
  options: [policy, affinity, node, domain, ...fleetOptions, jsonOption],
  description:
    'Nothing is created. TYPE is an id, a name or criteria: then each device gets the smallest type that meets them. The exit code is 1 when there is no place for all.',
  examples: [
    ["place 'M60-2Q*3' 'M60-8Q'", 'a parent for each of four vGPUs'],
    ['place M60-2Q --node 1', 'on NUMA node 1, or not at all'],
    ['place M60-2Q --domain vm.xml', 'near the vCPUs of a VM, if there is room'],
    ["place 'framebuffer>=2G,series=Q*2' --affinity different-parents", 'by what they have'],
  ],
  failure: () => messages.placeFailed,

  async fleet(context) {
    const { placeOnFleet } = await import('../fleet/place-on-fleet.ts');
    const { args } = context;
    if (args.get(domain) !== undefined) {
      throw new UsageError(messages.incompatible(domain.name, `--${fleetOption.name}`));
    }
    const asked = askedFor(args).map((each) => ({ ...each, node: args.get(node) }));
    return placeOnFleet(context, asked, args.get(policy), (found) =>
      formatPlacement(found, undefined),
    );
  },

  async run({ args, io, connect, output }) {
    const devices = askedFor(args);
    const file = args.get(domain);
    const required = args.get(node);
    if (file !== undefined && required !== undefined) {
      throw new UsageError(messages.exclusive(node.name, domain.name));
    }
    const host = await connect();
    const near = file === undefined ? [] : await host.domainNodes(await readSource(io, file));
    if (file !== undefined && near.length === 0) output.note(messages.domainUnbound(file));
    const asked = devices.map((each) => ({ ...each, node: required, near }));
    const found = await host.place(asked, args.get(policy));
    output.report('place', found, (shown, room) =>
      shown.fits ? formatPlacement(shown, room) : formatMisfit(shown),
    );
    return found.fits ? 0 : 1;
  },
};

/** @throws UsageError, NodedevError `request-invalid` */
function askedFor(args: Arguments): readonly PlacementRequest[] {
  const words = args.get(request);
  if (words.length === 0) {
    throw new UsageError(
      messages.missingArgument('place', request.name),
      messages.seeHelp('place'),
    );
  }
  const given = args.get(affinity);
  const group = given === undefined ? {} : { group: 'all', affinity: given };
  return words.map((word) => ({ ...parsePlacementRequest(word), ...group }));
}

function formatPlacement(
  { devices, policy: by, cost, bound, caveats }: Placement,
  room: TableRoom | undefined,
): string {
  const counts = new Map<string, { parent: string; type: string; count: number }>();
  for (const { parent, type } of devices) {
    const key = `${parent} ${type}`;
    counts.set(key, { parent, type, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const table = formatTable(
    ['Parent', 'Type', 'Count'],
    [...counts.values()].map(({ parent, type, count }) => [parent, type, String(count)]),
    room,
  );
  return `${table}\n${messages.placementCost(by, cost, bound)}\n${caveats.map((text) => `${text}\n`).join('')}`;
}

function formatMisfit({ reason, changes }: Misfit): string {
  const helping = changes.map((change) => `  - ${change}\n`).join('');
  return `${reason}\nWhat would make it fit:\n${helping}`;
}
