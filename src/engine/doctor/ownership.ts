import { NodedevError, type Issue } from '../../errors.ts';
import type { HostDevice } from '../../host/host.ts';
import { findFile } from '../definitions/folder.ts';
import { membersOf, ownerOf } from '../groups.ts';
import { deviceName } from '../inventory.ts';
import { finding } from './findings.ts';
import { type Patient, useOf } from './patient.ts';

/** The store, and devices without a definition or an owner. */
export function checkOwnership(patient: Patient): readonly Issue[] {
  const { problem } = patient.records;
  if (problem !== undefined) {
    return [
      finding('doctor-store-unreadable', `groups and owners are not known: ${problem}`, {
        hint: 'run it as root; a broken store may be removed when no group is needed: it holds active devices only',
      }),
    ];
  }
  return [...checkOrphans(patient), ...checkGroups(patient)];
}

function checkOrphans(patient: Patient): readonly Issue[] {
  const { host, devices, records } = patient;
  return devices.items
    .filter((device) => !records.devices.has(device.ref.uuid) && !isDefined(patient, device))
    .map((device): Issue => {
      const what = `${deviceName(device)}: active without a definition, and not created by virt-nodedev`;
      const use = useOf(host, device);
      switch (use.state) {
        case 'free':
          return finding('doctor-orphan', `${what}; nobody uses it`, {
            hint: `\`virt-nodedev destroy ${deviceName(device)}\` removes it; \`virt-nodedev dumpxml\` shows what it is`,
          });
        case 'held':
          return finding('doctor-foreign-device', `${what}; in use by ${use.by}`, {
            hint: 'whoever created it looks after it',
          });
        case 'hidden':
          return finding('doctor-foreign-device', what, {
            hint: 'run it as root to see who uses it',
          });
      }
    });
}

/** Whether there is a file for it: also a broken one, which is a finding of its own. */
function isDefined({ host, definitions }: Patient, { ref }: HostDevice): boolean {
  if (definitions.items.some(({ parent, uuid }) => parent === ref.parent && uuid === ref.uuid)) {
    return true;
  }
  try {
    return host.root !== undefined && findFile(host.root, ref.parent, ref.uuid) !== undefined;
  } catch (error) {
    if (error instanceof NodedevError) return true;
    throw error;
  }
}

function checkGroups({ host, records }: Patient): readonly Issue[] {
  return records.groups
    .filter((group) => {
      const members = membersOf(host, group);
      // Who may not ask cannot tell that nobody has it.
      const isFree = members.every((device) => useOf(host, device).state === 'free');
      return members.length > 0 && isFree && ownerOf(host, group) === undefined;
    })
    .map(({ name }) =>
      finding('doctor-without-owner', `group '${name}' belongs to no domain`, {
        hint: `\`virt-nodedev group claim ${name} DOMAIN\` gives it to one`,
      }),
    );
}
