import { NodedevError } from '../errors.ts';

/** The host that a connection URI names. */
export type ConnectionTarget =
  | { readonly kind: 'sysfs'; readonly root: string }
  | { readonly kind: 'sim'; readonly root: string }
  | { readonly kind: 'test' };

/**
 * Reads a connection URI: `sysfs:///` (this host), `sysfs:///DIR` (another root), `sim:///DIR` (a simulated host),
 * `test:///default` (the profile `nvidia-m60` in memory).
 *
 * @throws NodedevError `uri-invalid`
 */
export function parseUri(uri: string): ConnectionTarget {
  const match = /^([a-z]+):\/\/(\/.*)$/su.exec(uri);
  const [, scheme, path] = match ?? [];
  if (path === undefined || path.includes('\0')) throw invalid(uri);
  if (scheme === 'test' && path === '/default') return { kind: 'test' };
  if (scheme === 'sysfs') return { kind: 'sysfs', root: path };
  if (scheme === 'sim' && path !== '/') return { kind: 'sim', root: path };
  throw invalid(uri);
}

function invalid(uri: string): NodedevError {
  return new NodedevError('uri-invalid', `no connection driver for URI '${uri}'`, {
    hint: 'use sysfs:/// (this host), sysfs:///DIR, sim:///DIR (a simulated host) or test:///default',
  });
}
