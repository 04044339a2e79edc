import type { Command } from './command.ts';

/** A subcommand's place in the table: enough for the overview, without loading it. */
export interface CommandEntry {
  /** Without prefix: `list`, `group show`. */
  readonly name: string;
  /** True for virsh's own, which answer to `nodedev-list` too. */
  readonly virsh: boolean;
  /** Undefined for a command that is for programs, which the overview leaves out. */
  readonly summary?: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** Every subcommand, in the order of the overview. A new one is a file in `commands/` and an entry here. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'list',
    virsh: true,
    summary: 'List node devices',
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'info',
    virsh: true,
    summary: 'Show the state of a node device',
    load: () => import('./commands/info.ts'),
  },
  {
    name: 'dumpxml',
    virsh: true,
    summary: 'Print the XML of a node device',
    load: () => import('./commands/dumpxml.ts'),
  },
  {
    name: 'create',
    virsh: true,
    summary: 'Create devices from XML, as one group',
    load: () => import('./commands/create.ts'),
  },
  {
    name: 'destroy',
    virsh: true,
    summary: 'Destroy devices',
    load: () => import('./commands/destroy.ts'),
  },
  {
    name: 'define',
    virsh: true,
    summary: 'Make devices persistent, from XML',
    load: () => import('./commands/define.ts'),
  },
  {
    name: 'undefine',
    virsh: true,
    summary: 'Remove definitions of devices',
    load: () => import('./commands/undefine.ts'),
  },
  {
    name: 'start',
    virsh: true,
    summary: 'Start defined devices',
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'autostart',
    virsh: true,
    summary: 'Start a defined device whenever its parent appears',
    load: () => import('./commands/autostart.ts'),
  },
  {
    name: 'start-parent',
    virsh: false,
    summary: 'Start what is marked for autostart under a parent',
    load: () => import('./commands/start-parent.ts'),
  },
  {
    name: 'update',
    virsh: true,
    summary: "Change a device's attributes, its definition's, or both",
    load: () => import('./commands/update.ts'),
  },
  {
    name: 'event',
    virsh: true,
    summary: 'Wait for events of devices, and tell them',
    load: () => import('./commands/event.ts'),
  },
  {
    name: 'types',
    virsh: false,
    summary: 'List the types that can be created, with what they have and how many are left',
    load: () => import('./commands/types.ts'),
  },
  {
    name: 'predict',
    virsh: false,
    summary: 'Tell how many of each type there would be after creating some',
    load: () => import('./commands/predict.ts'),
  },
  {
    name: 'explain',
    virsh: false,
    summary: 'Tell why a type has as many instances as it has',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'place',
    virsh: false,
    summary: 'Find parents for devices',
    load: () => import('./commands/place.ts'),
  },
  {
    name: 'plan',
    virsh: false,
    summary: 'Show what would bring the host to a desired state',
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'apply',
    virsh: false,
    summary: 'Bring the host to a desired state, all or nothing',
    load: () => import('./commands/apply.ts'),
  },
  {
    name: 'diff',
    virsh: false,
    summary: 'Show where the host is not as desired',
    load: () => import('./commands/diff.ts'),
  },
  {
    name: 'assert',
    virsh: false,
    summary: 'Check that the host is as desired',
    load: () => import('./commands/assert.ts'),
  },
  {
    name: 'topology',
    virsh: false,
    summary: 'Show cards, types, devices, groups and domains in one picture',
    load: () => import('./commands/topology.ts'),
  },
  {
    name: 'doctor',
    virsh: false,
    summary: 'Look for what is wrong with the host, and what to do about it',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'recover',
    virsh: false,
    summary: 'Undo or finish what interrupted commands left half done',
    load: () => import('./commands/recover.ts'),
  },
  {
    name: 'group list',
    virsh: false,
    summary: 'List groups of devices',
    load: () => import('./commands/group-list.ts'),
  },
  {
    name: 'group show',
    virsh: false,
    summary: 'Show a group and its members',
    load: () => import('./commands/group-show.ts'),
  },
  {
    name: 'group claim',
    virsh: false,
    summary: 'Give a group to a domain',
    load: () => import('./commands/group-claim.ts'),
  },
  {
    name: 'group release',
    virsh: false,
    summary: 'Take a group back from its domain',
    load: () => import('./commands/group-release.ts'),
  },
  {
    name: 'gc',
    virsh: false,
    summary: 'Destroy what virt-nodedev created and nobody has',
    load: () => import('./commands/gc.ts'),
  },
  {
    name: 'libvirt-hook',
    virsh: false,
    summary: "Start a domain's devices before it starts, release them after: for libvirt's hook",
    load: () => import('./commands/libvirt-hook.ts'),
  },
  {
    name: 'hostdev',
    virsh: false,
    summary: "Print devices as a domain's host devices, or put them into its XML",
    load: () => import('./commands/hostdev.ts'),
  },
  {
    name: 'validate',
    virsh: false,
    summary: 'Check domains, node devices and host profiles',
    load: () => import('./commands/validate.ts'),
  },
  {
    name: 'rules',
    virsh: false,
    summary: 'List what validate looks for',
    load: () => import('./commands/rules.ts'),
  },
  {
    name: 'sim init',
    virsh: false,
    summary: 'Create a simulated host',
    load: () => import('./commands/sim-init.ts'),
  },
  {
    name: 'sim profiles',
    virsh: false,
    summary: 'List the profiles of simulated hosts',
    load: () => import('./commands/sim-profiles.ts'),
  },
  {
    name: 'sim start',
    virsh: false,
    summary: "Open a domain's devices, as starting it would",
    load: () => import('./commands/sim-start.ts'),
  },
  {
    name: 'sim stop',
    virsh: false,
    summary: "Close a domain's devices, as stopping it would",
    load: () => import('./commands/sim-stop.ts'),
  },
  {
    name: 'sim reset',
    virsh: false,
    summary: 'Reboot a simulated host',
    load: () => import('./commands/sim-reset.ts'),
  },
  {
    name: 'completion',
    virsh: false,
    summary: 'Print a completion script for a shell',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: '__complete',
    virsh: false,
    load: () => import('./commands/complete.ts'),
  },
  {
    name: 'help',
    virsh: false,
    summary: 'Show help',
    load: () => import('./commands/help.ts'),
  },
];

/** The name messages use: virsh's where it is virsh's. */
export function canonicalName({ name, virsh }: CommandEntry): string {
  return virsh ? `nodedev-${name}` : name;
}

/** The entry the first words name, and how many words that took: `nodedev-list`, `list`, `group show`. */
export function findCommand(
  words: readonly string[],
): { readonly entry: CommandEntry; readonly length: number } | undefined {
  for (const length of [2, 1]) {
    const written = words.slice(0, length).join(' ');
    const entry = commands.find(
      (candidate) => written === candidate.name || written === canonicalName(candidate),
    );
    if (entry !== undefined) return { entry, length };
  }
  return undefined;
}
