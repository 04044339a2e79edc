import { expect, it } from 'vitest';
import { parseUri } from '../../src/engine/uri.ts';

it.each([
  ['sysfs:///', { kind: 'sysfs', root: '/' }],
  ['sysfs:///srv/root', { kind: 'sysfs', root: '/srv/root' }],
  ['sim:///tmp/host', { kind: 'sim', root: '/tmp/host' }],
  ['test:///default', { kind: 'test', profile: 'nvidia-m60' }],
  ['test:///generic', { kind: 'test', profile: 'generic' }],
  ['libvirt:qemu:///system', { kind: 'libvirt', uri: 'qemu:///system' }],
  [
    'libvirt:qemu+ssh://a@h:22/system?keyfile=/k',
    { kind: 'libvirt', uri: 'qemu+ssh://a@h:22/system?keyfile=/k' },
  ],
])('%s', (uri, target) => {
  expect(parseUri(uri)).toEqual(target);
});

it.each([
  '',
  'sim:///',
  'sim:host',
  'sim://host/dir',
  'test:///../x',
  'test:///a/b',
  'qemu:///system',
  'sysfs:///a\0b',
])('refuses %j', (uri) => {
  expect(() => parseUri(uri)).toThrow(expect.objectContaining({ code: 'uri-invalid' }));
});
