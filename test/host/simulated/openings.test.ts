import { describe, expect, it } from 'vitest';
import { type HostDevice, HostError } from '../../../src/host/host.ts';
import type { SimulatedHost } from '../../../src/host/simulated/host.ts';
import { memoryHost } from '../support/hosts.ts';

const uuidOf = (number: number): string => `00000000-1111-4222-8333-00000000000${number}`;

function create(host: SimulatedHost, address: string, type: string, number: number): HostDevice {
  const parent = host.parent(address);
  if (parent === undefined) throw new Error(`no parent ${address}`);
  host.create(parent, type, uuidOf(number));
  const device = host.find(uuidOf(number));
  if (device === undefined) throw new Error(`no device ${number}`);
  return device;
}

function refusalOf(operation: () => unknown): HostError | undefined {
  try {
    operation();
    return undefined;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
}

/** Two vGPUs on one GPU of an M60, one on the other. */
function m60(): { host: SimulatedHost; a: HostDevice; b: HostDevice; c: HostDevice } {
  const host = memoryHost('nvidia-m60');
  return {
    host,
    a: create(host, '0000:86:00.0', 'nvidia-18', 1),
    b: create(host, '0000:86:00.0', 'nvidia-18', 2),
    c: create(host, '0000:87:00.0', 'nvidia-11', 3),
  };
}

const GUEST = { domain: 'guest', pid: 4242 };

describe('a VM opens devices', () => {
  it('commits its resources on each card at the first open, and frees them at the last close', () => {
    const { host, a, b, c } = m60();
    expect(host.open([a, b, c], GUEST)).toEqual({
      devices: [a, b, c],
      cards: ['0000:86:00.0', '0000:87:00.0'],
    });
    expect(host.holders(a)).toEqual([GUEST]);
    expect(host.close(GUEST)).toEqual({
      devices: [a, b, c],
      cards: ['0000:86:00.0', '0000:87:00.0'],
    });
    expect(host.holders(a)).toEqual([]);
  });

  it('commits nothing twice where the driver lets devices come and go', () => {
    const host = memoryHost('kernel-samples');
    const a = create(host, 'mtty', 'mtty-1', 1);
    const b = create(host, 'mtty', 'mtty-1', 2);
    expect(host.open([a], GUEST).cards).toEqual(['mtty']);
    expect(host.open([b], GUEST).cards).toEqual([]);
    expect(host.close(GUEST, [a]).cards).toEqual([]);
    expect(host.close(GUEST, [b]).cards).toEqual(['mtty']);
  });

  it('all or none', () => {
    const { host, a, b } = m60();
    host.open([b], { domain: 'other' });
    const refusal = refusalOf(() => host.open([a, b], GUEST));
    expect(refusal).toMatchObject({
      errno: 'EBUSY',
      path: '/dev/vfio/1',
      holders: [{ domain: 'other' }],
    });
    expect(host.holders(a)).toEqual([]);
    expect(host.holders(b)).toEqual([{ domain: 'other', pid: undefined }]);
  });

  it('each of them once', () => {
    const { host, a } = m60();
    expect(refusalOf(() => host.open([a, a], GUEST))?.errno).toBe('EBUSY');
    expect(host.holders(a)).toEqual([]);
    host.open([a], GUEST);
    expect(refusalOf(() => host.open([a], GUEST))?.errno).toBe('EBUSY');
  });

  it('not while it runs, when the driver refuses hot-plug', () => {
    const { host, a, b, c } = m60();
    host.open([a], GUEST);
    expect(refusalOf(() => host.open([b], GUEST))?.errno).toBe('EBUSY');
    // Another card is another matter.
    expect(host.open([c], GUEST).cards).toEqual(['0000:87:00.0']);
    expect(host.open([b], { domain: 'other' }).cards).toEqual(['0000:86:00.0']);
  });

  it('and lets none go while it runs, when the driver refuses hot-unplug', () => {
    const { host, a, b } = m60();
    host.open([a, b], GUEST);
    expect(refusalOf(() => host.close(GUEST, [a]))?.errno).toBe('EBUSY');
    expect(host.holders(a)).toEqual([GUEST]);
    expect(host.close(GUEST, [a, b]).cards).toEqual(['0000:86:00.0']);
  });

  it('that are there: ENODEV', () => {
    const { host, a } = m60();
    host.remove(a);
    expect(refusalOf(() => host.open([a], GUEST))?.errno).toBe('ENODEV');
  });

  it('and closes only its own: EBADF', () => {
    const { host, a, b } = m60();
    host.open([a], GUEST);
    host.open([b], { domain: 'other' });
    expect(refusalOf(() => host.close(GUEST, [a, b]))?.errno).toBe('EBADF');
    expect(host.holders(a)).toEqual([GUEST]);
    expect(host.close({ domain: 'nobody' }).devices).toEqual([]);
  });

  it.each(['../../etc/passwd', 'a b\nc', '', '__proto__', '0 1'])('of any name: %j', (domain) => {
    const { host, a } = m60();
    host.open([a], { domain });
    expect(host.holders(a)).toEqual([{ domain, pid: undefined }]);
    expect(host.close({ domain }).devices).toEqual([a]);
  });
});

describe('a reset is a reboot', () => {
  it('takes all devices away, held or not, and gives another boot id', () => {
    const { host, a, b } = m60();
    const boot = host.bootId();
    const fresh = memoryHost('nvidia-m60');
    host.open([a, b], GUEST);
    host.reset();
    expect(host.devices().items).toEqual([]);
    expect(host.bootId()).not.toBe(boot);
    for (const parent of host.parents().items) {
      expect(host.types(parent)).toEqual(fresh.types(parent));
    }
    const again = create(host, '0000:86:00.0', 'nvidia-18', 1);
    expect(host.holders(again)).toEqual([]);
  });
});
