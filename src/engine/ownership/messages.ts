import { NodedevError } from '../../errors.ts';

// The sentences about ownership.

export function domainFileHidden(path: string): NodedevError {
  return new NodedevError('permission-denied', `this user may not read ${path}`, {
    hint: 'on a real host, run it as root: domains that have devices are not known otherwise',
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
