import { NodedevError } from '../errors.ts';
import { EXAMPLE_PROFILE } from '../host/simulated/example-profile.ts';

/** The host that a connection URI names. */
export type ConnectionTarget =
  | { readonly kind: 'sysfs'; readonly root: string }
  | { readonly kind: 'sim'; readonly root: string }
  | { readonly kind: 'libvirt'; readonly uri: string }
  | { readonly kind: 'test'; readonly profile: string };

/**
 * Reads a connection URI: `sysfs:///` (this host), `sysfs:///DIR` (another root), `sim:///DIR` (a simulated host),
 * `test:///default` (the profile `nvidia-m60` in memory), `test:///PROFILE` (another one), `libvirt:URI` (a host of libvirt's).
 *
 * @throws NodedevError `uri-invalid`
 */
export function parseUri(uri: string): ConnectionTarget {
  if (uri.startsWith(LIBVIRT)) return libvirtTarget(uri);
  const match = /^([a-z]+):\/\/(\/.*)$/su.exec(uri);
  const [, scheme, path] = match ?? [];
  if (path === undefined || path.includes('\0')) throw invalid(uri);
  const profile = /^\/([\w-]+)$/u.exec(path)?.[1];
  if (scheme === 'test' && profile !== undefined) {
    return { kind: 'test', profile: profile === 'default' ? EXAMPLE_PROFILE : profile };
  }
  if (scheme === 'sysfs') return { kind: 'sysfs', root: path };
  if (scheme === 'sim' && path !== '/') return { kind: 'sim', root: path };
  throw invalid(uri);
}

const LIBVIRT = 'libvirt:';

/** `qemu+ssh://HOST/system`: nothing in it is an option of virsh, or moves a terminal's cursor. */
const LIBVIRTS_URI = /^[a-z][a-z0-9]*(?:\+[a-z0-9]+)?:\/\/[^\s\p{C}]*$/u;

function libvirtTarget(uri: string): ConnectionTarget {
  const theirs = uri.slice(LIBVIRT.length);
  if (LIBVIRTS_URI.test(theirs)) return { kind: 'libvirt', uri: theirs };
  throw new NodedevError('uri-invalid', `no URI of libvirt follows in '${uri}'`, {
    hint: 'use libvirt:qemu:///system or libvirt:qemu+ssh://HOST/system',
  });
}

function invalid(uri: string): NodedevError {
  return new NodedevError('uri-invalid', `no connection driver for URI '${uri}'`, {
    hint: hintFor(uri),
  });
}

/** What was meant, where that can be told. */
function hintFor(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]+):(.*)$/su.exec(uri) ?? [];
  if (/^(?:qemu|lxc|ch|xen|vz)(?:$|\+)/u.test(scheme)) {
    return `that is libvirt's: its devices are those of the machine, sysfs:///; libvirt:${uri} reads them through virsh`;
  }
  const path = rest.replace(/^\/*/u, '/');
  if (['sim', 'sysfs'].includes(scheme) && path !== '/') {
    return `the path of ${scheme}:// begins with a third slash: ${scheme}://${path}`;
  }
  return 'use sysfs:/// (this host), sysfs:///DIR, sim:///DIR (a simulated host), ssh://HOST/ (another machine), test:///default, test:///PROFILE or libvirt:URI';
}
