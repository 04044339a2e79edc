import { describe, expect, test } from 'vitest';
import { validateDomain } from '../../src/domain/validate-domain.ts';
import { mdev } from './support.ts';

const NAMES: ReadonlySet<string> = new Set([
  'domain-element-lost',
  'domain-element-unknown',
  'domain-attribute-unknown',
  'domain-namespace-missing',
]);

function said(inside: string): readonly string[] {
  return validateDomain(`<domain type='kvm'>${inside}</domain>`)
    .filter(({ code }) => NAMES.has(code))
    .map(
      ({ severity, message, hint }) =>
        `${severity}: ${message.split(';')[0] ?? ''} [${hint ?? ''}]`,
    );
}

describe('names that libvirt passes over', () => {
  test.each([
    [
      `<device>${mdev()}</device>`,
      'error: <device> is not known in <domain> [Did you mean <devices>?]',
    ],
    [
      `<Devices>${mdev()}</Devices>`,
      'error: <Devices> is not known in <domain> [Did you mean <devices>?]',
    ],
    [mdev(), 'error: <hostdev> has no meaning in <domain> [Its place is in <devices>.]'],
    [
      `<devices><hostdevs>${mdev()}</hostdevs></devices>`,
      'error: <hostdevs> is not known in <devices> [Did you mean <hostdev>?]',
    ],
    [
      "<devices><hostdv mode='subsystem'/></devices>",
      'error: <hostdv> is not known in <devices> [Did you mean <hostdev>?]',
    ],
    [
      `<devices><gpu>${mdev()}</gpu></devices>`,
      'error: <gpu> is not known in <devices> [Remove it.]',
    ],
    [
      "<devices><gpu mode='subsystem' type='mdev'/></devices>",
      'error: <gpu> is not known in <devices> [Remove it.]',
    ],
    ['<memroy>1</memroy>', 'error: <memroy> is not known in <domain> [Did you mean <memory>?]'],
    ['<feature/>', 'error: <feature> is not known in <domain> [Did you mean <features>?]'],
    ['<owner/>', 'warning: <owner> is not known in <domain> [Remove it.]'],
    [
      '<devices><vcpu>2</vcpu></devices>',
      'warning: <vcpu> has no meaning in <devices> [Its place is in <domain>, <vcpus>.]',
    ],
    [
      "<devices><disk typ='file'/></devices>",
      "warning: attribute 'typ' of <disk> is not known [Did you mean 'type'?]",
    ],
  ])('%s', (inside, expected) => {
    expect(said(inside)).toEqual([expected]);
  });
});

test.each([
  "<metadata><app:foo xmlns:app='http://app.org/'><bar baz='1'/></app:foo><bar/></metadata>",
  "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-S'/></qemu:commandline>",
  "<commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='-S'/></commandline>",
  "<name xml:lang='en'>vm</name>",
])('nothing is said of %s', (inside) => {
  expect(said(inside)).toEqual([]);
});
