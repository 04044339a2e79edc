import { NodedevError } from '../../errors.ts';

// The sentences about ownership.

export function domainFileHidden(path: string): NodedevError {
  return new NodedevError('permission-denied', `this user may not read ${path}`, {
    hint: 'run it as root: domains that have devices are not known otherwise',
  });
}

export function domainFileBroken(path: string, errno: string): NodedevError {
  const why = BROKEN[errno] ?? errno;
  return new NodedevError('domain-invalid', `${path}: ${why}`, {
    hint: 'which devices this domain has is not known; libvirt writes the file again with `virsh define` or `virsh edit`',
  });
}

/** The meanings of errnos when reading. The first four come from our own reader. */
const BROKEN: Readonly<Record<string, string | undefined>> = {
  EBADMSG: 'no whole domain XML',
  EPROTO: 'a <hostdev> in it does not say which device it is',
  EFBIG: 'too large for domain XML',
  ELOOP: 'not a file',
};

export function deviceForeign(name: string): NodedevError {
  return new NodedevError('device-foreign', `'${name}' was not created by virt-nodedev`, {
    hint: 'whoever created it (mdevctl, libvirt, a device plugin) looks after it; the option `adopt` makes it ours',
  });
}

export function groupRunning(group: string, domain: string): NodedevError {
  return new NodedevError(
    'group-owned',
    `group '${group}' belongs to domain '${domain}', which is running`,
    { hint: 'stop the domain first' },
  );
}

export function groupNamed(group: string, domain: string, file: string): NodedevError {
  return new NodedevError(
    'group-owned',
    `group '${group}' was not claimed: domain '${domain}' has its devices by ${file}`,
    { hint: `take them out there: \`virsh edit ${domain}\`` },
  );
}

export function domainIncomplete(
  domain: string,
  file: string,
  kept: readonly string[],
): NodedevError {
  return new NodedevError(
    'domain-incomplete',
    `domain '${domain}' (${file}) would be left with a part of its mediated devices`,
    {
      hint: `destroy ${kept.join(', ')} as well, or take the device out of the domain first: \`virsh edit ${domain}\``,
    },
  );
}
