import { NodedevError } from '../errors.ts';
import { EXAMPLE_PROFILE } from '../host/simulated/example-profile.ts';

/** The host that a connection URI names. */
export type ConnectionTarget =
  | { readonly kind: 'sysfs'; readonly root: string }
  | { readonly kind: 'sim'; readonly root: string }
  | { readonly kind: 'test'; readonly profile: string };

/**
 * Reads a connection URI: `sysfs:///` (this host), `sysfs:///DIR` (another root), `sim:///DIR` (a simulated host),
 * `test:///default` (the profile `nvidia-m60` in memory), `test:///PROFILE` (another one).
 *
 * @throws NodedevError `uri-invalid`
 */
export function parseUri(uri: string): ConnectionTarget {
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

function invalid(uri: string): NodedevError {
  return new NodedevError('uri-invalid', `no connection driver for URI '${uri}'`, {
    hint: hintFor(uri),
  });
}

/** What was meant, where that can be told. */
function hintFor(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]+):(.*)$/su.exec(uri) ?? [];
  if (/^(?:qemu|lxc|ch|xen|vz)(?:$|\+)/u.test(scheme)) {
    return `that is libvirt's: its devices are those of the machine, sysfs:///`;
  }
  const path = rest.replace(/^\/*/u, '/');
  if (['sim', 'sysfs'].includes(scheme) && path !== '/') {
    return `the path of ${scheme}:// begins with a third slash: ${scheme}://${path}`;
  }
  return 'use sysfs:/// (this host), sysfs:///DIR, sim:///DIR (a simulated host), ssh://HOST/ (another machine), test:///default or test:///PROFILE';
}
