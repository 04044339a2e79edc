import type { Issue } from '../../errors.ts';
import { deviceName } from '../devices/inventory.ts';
import { finding } from './findings.ts';
import { type ExaminedHost, useOf } from './examined-host.ts';

/** Problems of the store, and devices without a definition or an owner. */
export function checkOwnership(examined: ExaminedHost): readonly Issue[] {
  const { problem } = examined.records;
  if (problem !== undefined) {
    return [
      finding('doctor-store-unreadable', `groups and owners are not known: ${problem}`, {
        hint: 'on a real host, run it as root; a broken file may be moved away: devices and definitions stay, groups, owners and aliases are lost',
      }),
    ];
  }
  return [...checkOrphans(examined), ...checkGroups(examined)];
}

function checkOrphans({ host, devices, records, defined }: ExaminedHost): readonly Issue[] {
  return devices.items
    .filter((device) => !records.devices.has(device.ref.uuid) && !defined.has(deviceName(device)))
    .map((device): Issue => {
      const name = deviceName(device);
      const what = `${name}: active without a definition, and not created by virt-nodedev`;
      const use = useOf(host, device);
      switch (use.state) {
        case 'free':
          return finding('doctor-orphan', `${what}; nobody uses it`, {
            hint: `\`destroy('${name}', { adopt: true })\` removes it; \`dumpxml('${name}')\` shows what it is`,
          });
        case 'held':
          return finding('doctor-foreign-device', `${what}; in use by ${use.by}`, {
            hint: 'whoever created it looks after it',
          });
        case 'hidden':
          return finding('doctor-foreign-device', what, {
            hint: 'on a real host, run it as root to see who uses it',
          });
      }
    });
}

/** Groups that nobody uses. For a user who must not see the holders of devices, nothing is found. */
function checkGroups({ host, records, domains }: ExaminedHost): readonly Issue[] {
  return records.groups
    .filter(({ members, owner }) => {
      const active = members.flatMap((uuid) => host.find(uuid) ?? []);
      const isFree = active.every((device) => useOf(host, device).state === 'free');
      const isNamed = domains.domains.some(({ mdevs }) =>
        mdevs.some((uuid) => members.includes(uuid)),
      );
      return active.length > 0 && isFree && owner === undefined && !isNamed;
    })
    .map(({ name }) =>
      finding('doctor-without-owner', `group '${name}' belongs to no domain`, {
        hint: `\`claim('${name}', domain)\` gives it to one`,
      }),
    );
}
