import { libvirtSays } from '../libvirt-sentences.ts';
import type { Holder, NodeKind } from '../host/holder.ts';
import { shellWord } from '../shell-word.ts';
import type { DeviceObstacle, StartObstacle } from './picture.ts';
import { refused, type Reason } from './verdict.ts';

// The sentences of the policy about giving devices to domains.

/** A holder, in words: `domain 'vm1' (qemu-system-x86, pid 4711)`. */
export function holderLabel(holder: Holder): string {
  const program = [
    holder.command,
    holder.pid === undefined ? undefined : `pid ${holder.pid}`,
  ].filter((part) => part !== undefined);
  if (holder.domain === undefined) return program.join(', ') || 'an unknown program';
  return `domain '${holder.domain}'${program.length > 0 ? ` (${program.join(', ')})` : ''}`;
}

export function notFound(uuid: string): Reason {
  return refused(
    'device-inactive',
    `mediated device '${uuid}' not found: it was never defined`,
    'create or define it first',
    { about: uuid },
  );
}

export function onlyDefined(uuid: string, parent: string, type: string | undefined): Reason {
  const what = type === undefined ? parent : `${parent} (${type})`;
  return refused(
    'device-inactive',
    `mediated device '${uuid}' not found: it is defined under ${what}, but not active, so that the domain does not start`,
    `\`start('${uuid}')\` starts it; or install samples/libvirt-hooks/qemu, which starts it with the domain`,
    { about: uuid },
  );
}

export function definedTwice(uuid: string, parents: readonly string[]): Reason {
  return refused(
    'device-ambiguous',
    `mediated device '${uuid}' not found: it is defined under ${parents.join(', ')}, but active under none`,
    'start it under the parent you want, by its full name',
    { about: uuid },
  );
}

/** The beginning of a sentence about a definition that the hook cannot start. */
export const notStarted = (uuid: string): string =>
  `mediated device '${uuid}' is not active, and cannot be started`;

export function cannotStart(
  uuid: string,
  parent: string,
  type: string | undefined,
  obstacle: StartObstacle,
): Reason {
  const what = notStarted(uuid);
  switch (obstacle) {
    case 'parent-gone':
      return refused('parent-unknown', `${what}: its parent ${parent} is not there`, PARENT_HINT, {
        about: uuid,
      });
    case 'type-gone':
      return refused(
        'type-unknown',
        `${what}: ${parent} does not offer the type '${type ?? ''}'`,
        `\`types({ parent: '${parent}' })\` shows what it offers`,
        { about: uuid },
      );
    case 'unreadable':
      return refused(
        'definition-invalid',
        `${what}: its definition under ${parent} cannot be read`,
        '`doctor()` says why',
        { about: uuid },
      );
  }
}

export function noRoom(uuid: string, parent: string, type: string): Reason {
  return refused(
    'no-instances',
    `${notStarted(uuid)}: ${parent} has no room for a device of type '${type}'`,
    `\`explain('${type}')\` says what is in the way`,
    { about: uuid },
  );
}

const PARENT_HINT = 'is its driver loaded, and the card plugged in? `doctor()` says what is there';

/** @param of its class, which is not vfio */
export const ofOtherClass = (uuid: string, of: string): Reason =>
  refused(
    'device-unusable',
    `no VM can open mediated device ${uuid}: it is a device of the class ${of}, and only those of vfio have a hostdev`,
    'a driver of its class binds it on the host; take a type whose device API begins with vfio-',
    { about: uuid },
  );

/** @param opened by which file a VM would open it */
export function cannotOpen(
  uuid: string,
  parent: string,
  obstacle: DeviceObstacle,
  opened: NodeKind = 'group',
): Reason {
  const { says, hint } = OBSTACLES[obstacle];
  return refused(
    'device-unusable',
    `no VM can open mediated device ${uuid}${opened === 'own' ? ' through iommufd' : ''}: ${says(parent)}`,
    hint,
    {
      about: uuid,
    },
  );
}

const OBSTACLES: Readonly<
  Record<DeviceObstacle, { readonly says: (parent: string) => string; readonly hint: string }>
> = {
  'parent-gone': {
    says: (parent) => `its parent ${parent} offers no mediated devices any more`,
    hint: PARENT_HINT,
  },
  'no-driver': {
    says: () => 'it is bound to no driver',
    hint: 'load the driver for mediated devices (`modprobe vfio_mdev` on Linux before 5.15), then create the device again; on a simulated host, `sim bind` it',
  },
  'no-group': {
    says: () => 'it has no IOMMU group',
    hint: 'the kernel log may say why: `dmesg | tail -n 20`',
  },
  'no-node': {
    says: () => 'its IOMMU group has no file below /dev/vfio',
    hint: 'load vfio and let udev make the file: `modprobe vfio && udevadm trigger`; in a container, give it /dev/vfio',
  },
  'own-only': {
    says: () => 'it has no file of its IOMMU group, only one of its own in /dev/vfio/devices',
    hint: "iommufd opens that: libvirt has it for PCI functions (<driver iommufd='yes'/>, 12.1), QEMU also for mediated devices (`-object iommufd`)",
  },
  'group-only': {
    says: () => 'it has no file of its own in /dev/vfio/devices, by which iommufd opens it',
    hint: "take iommufd='yes' out: the file of its IOMMU group is there",
  },
  'node-mode': {
    says: () => 'the mode of its file below /dev/vfio keeps its owner out',
    hint: '`chmod 0600 /dev/vfio/*[0-9]` opens it to the user of QEMU, whom libvirt makes its owner; look for the udev rule that set the mode',
  },
  'node-owner': {
    says: () =>
      'its file below /dev/vfio is not for the user of QEMU, and `dynamic_ownership = 0` leaves it so',
    hint: 'let a udev rule give it to that user (SUBSYSTEM=="vfio", OWNER="USER", GROUP="GROUP"), or take that line out of /etc/libvirt/qemu.conf',
  },
};

export function ofAnother(uuid: string, device: string, group: string, owner: string): Reason {
  return refused(
    'group-member',
    group === uuid
      ? `'${device}' belongs to domain '${owner}'`
      : `'${device}' is a member of group '${group}', which belongs to domain '${owner}'`,
    ANOTHER_GROUP,
    { about: uuid, inTheWay: [owner] },
  );
}

/** A process that is no domain has a member of the group open. */
export function openInGroup(uuid: string, device: string, group: string, holder: Holder): Reason {
  const label = holderLabel(holder);
  const message = `'${device}' is a member of group '${group}', which is in use by ${label}`;
  return refused('group-member', message, ANOTHER_GROUP, { about: uuid, inTheWay: [label] });
}

const ANOTHER_GROUP = 'a group goes to one domain only: use devices of another group';

export function heldBy(uuid: string, device: string, holders: readonly Holder[]): Reason {
  const labels = holders.map(holderLabel);
  return refused(
    'in-use',
    `'${device}' is in use by ${labels.join(', ')}`,
    'stop what uses it first, or take another device',
    { about: uuid, inTheWay: labels },
  );
}

export function otherType(device: string, uuid: string, now: string, defined: string): Reason {
  return {
    severity: 'warning',
    code: 'definition-mismatch',
    message: `'${device}' is of type ${now}, but its definition of type ${defined}: after the next start the domain has another device`,
    hint: 'define it with the type you want, or destroy and start it',
    about: uuid,
    inTheWay: [device],
  };
}

/** @param changes what is other: `framebuffer 2048 MiB, was 1024 MiB` */
export function typeChanged(device: string, uuid: string, type: string, changes: string): Reason {
  return {
    severity: 'warning',
    code: 'definition-mismatch',
    message: `'${device}': guests see another ${type} than when it was defined: ${changes}`,
    hint: 'an update of its driver does that, and a guest may need other drivers or licences; undefine and define it to keep what it is now',
    about: uuid,
    inTheWay: [device],
  };
}

export function groupsDiffer(domain: string, uuid: string, groups: readonly string[]): Reason {
  return refused(
    'group-required',
    `the devices of domain '${domain}' are in different groups (${groups.join(', ')}), but their card takes those of one VM in one group only`,
    "`addToGroup('GROUP', devices)` puts them into one",
    { about: uuid, inTheWay: groups },
  );
}

/** @param waited seconds */
export function open(device: string, holders: readonly string[], waited = 0): Reason {
  const by = holders.length === 0 ? '' : ` by ${holders.join(', ')}`;
  const after = waited > 0 ? `, after waiting ${waited} s` : '';
  return refused('in-use', libvirtSays('inUse', device) + by + after, 'stop what uses it first', {
    inTheWay: holders,
  });
}

export function openAndUpdated(device: string, holders: readonly string[]): Reason {
  return refused(
    'in-use',
    `Unable to change the type of '${device}': device in use by ${holders.join(', ')}`,
    'stop what uses it first',
    { inTheWay: holders },
  );
}

export function foreign(device: string, uuid: string): Reason {
  return refused(
    'device-foreign',
    `'${device}' was not created by virt-nodedev`,
    'whoever created it (mdevctl, libvirt, a device plugin) looks after it; the option `adopt` makes it ours',
    { about: uuid, inTheWay: [device] },
  );
}

export function groupOwned(group: string, owner: string): Reason {
  return refused(
    'group-owned',
    `group '${group}' belongs to domain '${owner}'`,
    `\`release('${group}')\` takes it away from the domain`,
    { inTheWay: [owner] },
  );
}

export function groupRunning(group: string, domain: string): Reason {
  return refused(
    'group-owned',
    `group '${group}' belongs to domain '${domain}', which is running`,
    'stop the domain first',
    { inTheWay: [domain] },
  );
}

export function groupNamed(group: string, domain: string, file: string): Reason {
  return refused(
    'group-owned',
    `group '${group}' was not claimed: domain '${domain}' has its devices by ${file}`,
    `take them out there: \`virsh edit ${shellWord(domain)}\``,
    { inTheWay: [domain] },
  );
}

/** Neither hot-plug nor hot-unplug: the members of a group that a VM has open stay as they are. */
export function groupOpen(group: string, holder: string): Reason {
  return refused(
    'group-open',
    `group '${group}' is open in ${holder}; a running VM keeps its devices, and gets no others`,
    'stop the domain first',
    { inTheWay: [holder] },
  );
}

export function partDestroyed(domain: string, file: string, kept: readonly string[]): Reason {
  return refused(
    'domain-incomplete',
    `domain '${domain}' (${file}) would be left with a part of its mediated devices`,
    `destroy ${kept.join(', ')} as well, or take the device out of the domain first: \`virsh edit ${shellWord(domain)}\``,
    { inTheWay: kept },
  );
}

export function allDestroyed(domain: string, file: string): Reason {
  return {
    severity: 'notice',
    code: 'domain-without-devices',
    message: `domain '${domain}' (${file}) names what was destroyed: it does not start without it`,
    hint: `create it again, or take it out of the domain: \`virsh edit ${shellWord(domain)}\``,
    inTheWay: [domain],
  };
}

export function partUndefined(
  domain: string,
  file: string | undefined,
  kept: readonly string[],
): Reason {
  const [where, way] =
    file === undefined
      ? ['', 'release its group first']
      : [
          ` (${file})`,
          `take the device out of the domain first: \`virsh edit ${shellWord(domain)}\``,
        ];
  return refused(
    'domain-incomplete',
    `domain '${domain}'${where} would be left with a part of its definitions`,
    `undefine ${kept.join(', ')} as well, or ${way}`,
    { inTheWay: kept },
  );
}

/**
 * @param running what is open, or runs
 * @param rule.what words for the device: `an NVIDIA vGPU`
 * @param mayAllow whether there is an option for it
 */
export function notHotplugged(
  running: string,
  uuid: string,
  { what, source }: { readonly what: string; readonly source: string },
  mayAllow: boolean,
): Reason {
  return refused(
    'hotplug-refused',
    `${running}; ${what} is not added to a running VM (${source})`,
    mayAllow
      ? 'stop the domain first; where your driver does it all the same, the option `allowHotplug` allows it'
      : 'stop the domain first',
    { about: uuid, inTheWay: [running] },
  );
}

export function notUnplugged(domain: string, device: string): Reason {
  return refused(
    'group-open',
    `domain '${domain}' is running with '${device}'; a running VM keeps its devices`,
    'stop the domain first',
    { inTheWay: [device] },
  );
}

export function runsAlready(domain: string): Reason {
  return refused('in-use', `domain '${domain}' is running with these devices`, 'stop it first', {
    inTheWay: [domain],
  });
}
