import { describe, expect, it } from 'vitest';
import { matrixWrites } from '../../../src/drivers/vfio-ap/matrix.ts';
import { vfioAp } from '../../../src/drivers/vfio-ap/driver.ts';
import { settingProblem } from '../../../src/drivers/settings.ts';
import type { AttributeFiles } from '../../../src/drivers/driver.ts';

const EMPTY: AttributeFiles = { matrix: '', control_domains: '' };

/** Writes `name=value` one after the other to a device without anything; the last errno, or all files. */
function after(
  writes: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  others: readonly AttributeFiles[] = [],
): string | AttributeFiles {
  const card = { parents: ['matrix'], types: [], devices: [], settings };
  const own = { ...EMPTY };
  for (const write of writes) {
    const [name = '', words = ''] = write.split('=');
    const answer = matrixWrites.answer(card, { name, words }, own, others);
    if ('errno' in answer) return `${write}: ${answer.errno}`;
    Object.assign(own, answer.files);
  }
  return { ...own, ...matrixWrites.derived(card, own) };
}

// Each row: drivers/s390/crypto/vfio_ap_ops.c of Linux 6.1, Documentation/arch/s390/vfio-ap.rst.
describe('what a matrix device answers', () => {
  it.each<[string[], string]>([
    [['assign_adapter=abc'], 'assign_adapter=abc: EINVAL'],
    [['assign_adapter='], 'assign_adapter=: EINVAL'],
    [['assign_adapter=-1'], 'assign_adapter=-1: EINVAL'],
    [['assign_adapter=5 '], 'assign_adapter=5 : EINVAL'],
    [['assign_adapter=0x'], 'assign_adapter=0x: EINVAL'],
    [['assign_domain=089'], 'assign_domain=089: EINVAL'],
    [['assign_domain=0x00477'], 'assign_domain=0x00477: ENODEV'],
    [['assign_adapter=256'], 'assign_adapter=256: ENODEV'],
    [['unassign_adapter=256'], 'unassign_adapter=256: ENODEV'],
    [['assign_control_domain=256'], 'assign_control_domain=256: ENODEV'],
    [['assign_domain=18446744073709551616'], 'assign_domain=18446744073709551616: ERANGE'],
    [['matrix=05.0047'], 'matrix=05.0047: EACCES'],
  ])('%j: %s', (writes, expected) => {
    expect(after(writes)).toBe(expected);
  });

  it.each<[string[], string]>([
    [['assign_adapter=5'], '05.\n'],
    [['assign_domain=0x47\n'], '.0047\n'],
    [['assign_adapter=0x05', 'assign_domain=0x0047'], '05.0047\n'],
    [['assign_domain=71', 'assign_adapter=05'], '05.0047\n'],
    [
      ['assign_adapter=6', 'assign_domain=4', 'assign_adapter=5', 'assign_domain=0xab'],
      '05.0004\n05.00ab\n06.0004\n06.00ab\n',
    ],
    [['assign_adapter=5', 'assign_adapter=5', 'assign_domain=4', 'assign_domain=4'], '05.0004\n'],
    [['assign_adapter=5', 'assign_domain=4', 'unassign_adapter=5'], '.0004\n'],
    [['assign_adapter=5', 'unassign_adapter=6', 'unassign_domain=7'], '05.\n'],
    [['assign_adapter=+5', 'assign_domain=0'], '05.0000\n'],
  ])('after %j the matrix is %j', (writes, matrix) => {
    expect(after(writes)).toMatchObject({ matrix });
  });

  it('has control domains of its own, whatever the queues are', () => {
    expect(
      after(['assign_control_domain=0xff', 'assign_control_domain=4', 'unassign_control_domain=9']),
    ).toEqual({ matrix: '', control_domains: '0004\n00ff\n', guest_matrix: '' });
  });

  it('shares no queue with another device, also through a combination', () => {
    const others = [{ matrix: '05.0004\n05.0047\n06.0004\n06.0047\n', control_domains: '0004\n' }];
    expect(after(['assign_domain=4', 'assign_adapter=5'], {}, others)).toBe(
      'assign_adapter=5: EADDRINUSE',
    );
    expect(after(['assign_adapter=7', 'assign_domain=4', 'assign_adapter=6'], {}, others)).toBe(
      'assign_adapter=6: EADDRINUSE',
    );
    expect(after(['assign_adapter=5', 'assign_domain=5'], {}, others)).toMatchObject({
      matrix: '05.0005\n',
    });
  });

  it('takes no queue of the host, which has those that both masks keep', () => {
    const host = { 'host-adapters': '0-5', 'host-domains': '0x0-0x7' };
    expect(after(['assign_adapter=5', 'assign_domain=7'], host)).toBe(
      'assign_domain=7: EADDRNOTAVAIL',
    );
    expect(after(['assign_adapter=6', 'assign_domain=7'], host)).toMatchObject({
      matrix: '06.0007\n',
    });
    expect(after(['assign_adapter=5', 'assign_domain=8'], host)).toMatchObject({
      matrix: '05.0008\n',
    });
    // The host is asked first, as in the kernel.
    const others = [{ matrix: '05.0007\n', control_domains: '' }];
    expect(after(['assign_adapter=5', 'assign_domain=7'], host, others)).toBe(
      'assign_domain=7: EADDRNOTAVAIL',
    );
  });

  it('gives the guest the adapters and domains that the host has', () => {
    const writes = ['assign_adapter=4', 'assign_adapter=5', 'assign_domain=4', 'assign_domain=5'];
    const guest = (settings: Readonly<Record<string, string>>): unknown => {
      const files = after(writes, settings);
      return typeof files === 'string' ? files : files['guest_matrix'];
    };
    expect(guest({ adapters: '5' })).toBe('05.0004\n05.0005\n');
    expect(guest({ domains: '4' })).toBe('04.0004\n05.0004\n');
    expect(guest({ adapters: '0-3', domains: '4' })).toBe('.0004\n');
    expect(guest({})).toBe('04.0004\n04.0005\n05.0004\n05.0005\n');
  });
});

it.each([
  ['adapters', '4-6,0x47', true],
  ['adapters', '', true],
  ['adapters', '256', false],
  ['adapters', '6-4', false],
  ['host-domains', 'a', false],
  ['max-adapter', '63', true],
])('setting %s=%s: %j', (name, value, isRight) => {
  expect(settingProblem(vfioAp, name, value) === undefined).toBe(isRight);
});
