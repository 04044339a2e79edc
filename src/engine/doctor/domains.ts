import type { Issue } from '../../errors.ts';
import type { NamingDomain } from '../../policy/picture.ts';
import { isSameDomain } from '../../policy/domain-ref.ts';
import type { DomainRef } from '../../policy/domain-ref.ts';
import { shellWord } from '../../shell-word.ts';
import { finding } from './findings.ts';
import type { ExaminedHost } from './examined-host.ts';

/** Compares libvirt's files of its domains with the devices on the host. */
export function checkDomains(examined: ExaminedHost): readonly Issue[] {
  const { domains, problems } = examined.domains;
  return [
    ...problems.map(({ code, message, hint }) => {
      const kind =
        code === 'permission-denied' ? 'doctor-domain-hidden' : 'doctor-domain-unreadable';
      return finding(kind, message, { hint });
    }),
    ...checkShared(examined),
    ...domains
      .filter(({ state }) => state === 'defined')
      .flatMap((domain) => checkStart(examined, domain)),
  ];
}

/** Devices that two domains name or own: only one of these domains can run at a time. */
function checkShared({ domains: { domains }, records }: ExaminedHost): readonly Issue[] {
  const users = new Map<string, DomainRef[]>();
  const add = (uuid: string, domain: DomainRef): void => {
    const known = users.get(uuid) ?? [];
    users.set(uuid, known);
    known.push(domain);
  };
  for (const domain of domains) {
    for (const uuid of domain.mdevs) {
      // A copy may have the uuid, too; what runs has the name of its configuration.
      const isNew = users.get(uuid)?.every(({ name }) => name !== domain.name) ?? true;
      if (isNew) add(uuid, domain);
    }
  }
  for (const { members, owner } of records.groups) {
    if (owner === undefined) continue;
    for (const uuid of members) {
      const isNew = users.get(uuid)?.every((other) => !isSameDomain(other, owner)) ?? true;
      if (isNew) add(uuid, owner);
    }
  }
  return [...users]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([uuid, sharing]) => {
      const names = sharing.map(({ name }) => `'${name}'`).join(' and ');
      return finding('doctor-two-domains', `domains ${names} have mediated device ${uuid}`, {
        hint: 'only one of them can run; give each a device of its own with `virsh edit`, or release the group',
      });
    });
}

/** Whether a domain can start, now and after the next boot. */
function checkStart(
  { devices, definedUuids }: ExaminedHost,
  { name, file, mdevs }: NamingDomain,
): readonly Issue[] {
  const active = new Set(devices.items.map(({ ref }) => ref.uuid));
  return mdevs
    .filter((uuid) => !definedUuids.has(uuid))
    .map((uuid) => {
      const what = `${file}: domain '${name}' has mediated device ${uuid}, which is`;
      return active.has(uuid)
        ? finding('doctor-domain-device-transient', `${what} not defined: gone after a reboot`, {
            hint: `\`define(await dumpxml('${uuid}'))\` makes it persistent`,
          })
        : finding(
            'doctor-domain-device-missing',
            `${what} neither active nor defined: it cannot start`,
            {
              hint: `create or define it, or take it out: \`virsh edit ${shellWord(name)}\``,
            },
          );
    });
}
