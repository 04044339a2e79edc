import { describe, expect, it } from 'vitest';
import type { Operation, RefusalCause } from '../../../src/drivers/refusal-cause.ts';
import { drivers } from '../../../src/drivers/registry.ts';
import { CAUSES } from '../../../src/engine/wording/refusal-causes.ts';
import { refusal } from '../../../src/engine/wording/refusals.ts';
import { holderLabel } from '../../../src/policy/reasons.ts';
import { NodedevError } from '../../../src/errors.ts';
import { HostError } from '../../../src/host/host.ts';

const UUID = '0695d332-7831-493f-9e71-1c85c8911a08';
const PARENT = '/sys/devices/pci0000:80/0000:86:00.0';

/** A driver whose rules nobody knows. */
const OTHER = 'idxd';

const FILES: Readonly<
  Record<Operation, readonly [path: (type: string) => string, written: string]>
> = {
  create: [(type) => `${PARENT}/mdev_supported_types/${type}/create`, UUID],
  remove: [() => `${PARENT}/${UUID}/remove`, '1'],
  attribute: [() => `${PARENT}/${UUID}/nvidia/vgpu_params`, 'x=1'],
  open: [() => '/dev/vfio/12', ''],
};

function refused(errno: string, operation: Operation, driver: string): NodedevError {
  const type = `${driver}-x`;
  const [path, written] = FILES[operation];
  const error = new HostError(errno, path(type), { written: written || undefined });
  const told = refusal(error, 'Unable to do it', { type });
  if (!(told instanceof NodedevError)) throw new Error('no refusal');
  return told;
}

type Case = RefusalCause & { readonly driver: string };

type Row = readonly [
  errno: string,
  operation: Operation,
  driver: string,
  code: string,
  says: RegExp,
  hint: RegExp,
];

const ROWS: readonly Row[] = [
  ['EUSERS', 'create', 'mdpy', 'no-instances', /as many devices/, /another parent/],
  ['ENOSPC', 'create', 'mtty', 'no-instances', /no room left/, /`types\(\)`/],
  ['ENOSPC', 'create', OTHER, 'no-instances', /no room left/, /`types\(\)`/],
  ['ENOSPC', 'create', 'nvidia', 'no-instances', /the GPU has no room/, /same size.*journalctl/],
  ['ENOSPC', 'create', 'i915', 'no-instances', /graphics memory/, /aperture.*dmesg/],
  ['EPERM', 'create', 'vfio_ccw', 'no-instances', /no instance left/, /as root/],
  ['EPERM', 'create', 'vfio_ap', 'no-instances', /no instance left/, /as root/],
  ['EPERM', 'create', 'nvidia', 'permission-denied', /may not/, /root/],
  ['EPERM', 'remove', 'vfio_ap', 'permission-denied', /may not/, /root/],
  ['EEXIST', 'create', 'nvidia', 'uuid-exists', /this uuid exists/, /leave <uuid> out/],
  ['ENOENT', 'create', 'nvidia', 'host-refused', /type has gone/, /`types\(\)`/],
  ['ENOENT', 'remove', 'nvidia', 'host-refused', /gone already/, /`list\(/],
  ['ENOENT', 'attribute', 'mtty', 'host-refused', /no such attribute/, /<attr name>/],
  ['ENODEV', 'create', 'nvidia', 'host-refused', /being removed/, /unloaded.*dmesg/],
  ['ENODEV', 'remove', 'nvidia', 'host-refused', /being removed/, /dmesg/],
  ['ENODEV', 'create', 'vfio_ccw', 'host-refused', /not operational/, /lscss/],
  ['ENODEV', 'attribute', 'vfio_ap', 'host-refused', /above the highest/, /lszcrypt/],
  ['EAGAIN', 'remove', 'nvidia', 'host-refused', /somebody else/, /wait/],
  [
    'EADDRNOTAVAIL',
    'attribute',
    'vfio_ap',
    'host-refused',
    /not reserved/,
    /chzdev.*apmask=.*dmesg/,
  ],
  ['EADDRINUSE', 'attribute', 'vfio_ap', 'host-refused', /another device/, /`matrix`.*dmesg/],
  ['EBUSY', 'attribute', 'vfio_ap', 'in-use', /running VM/, /stop the VM/],
  ['EBUSY', 'remove', 'vfio_ap', 'in-use', /in use/, /stop what uses it/],
  ['EBUSY', 'open', 'nvidia', 'in-use', /takes no more/, /journalctl/],
  ['EBUSY', 'open', 'mtty', 'in-use', /is in use/, /stop what uses it/],
  ['EACCES', 'attribute', 'nvidia', 'permission-denied', /may not be written/, /root/],
  ['EACCES', 'create', 'nvidia', 'permission-denied', /may not/, /needs root/],
  ['EROFS', 'create', 'nvidia', 'permission-denied', /read-only/, /containers/],
  ['EINVAL', 'create', 'nvidia', 'host-refused', /vGPU manager did not/, /journalctl -b/],
  ['EINVAL', 'create', 'i915', 'host-refused', /did not accept it/, /dmesg/],
  ['EINVAL', 'attribute', 'nvidia', 'host-refused', /accept the value/, /name=value/],
  ['EINVAL', 'attribute', 'vfio_ap', 'host-refused', /no number/, /0x05/],
  ['EINVAL', 'attribute', 'mtty', 'host-refused', /accept the value/, /<attr value>.*dmesg/],
  ['ENOMEM', 'create', 'mtty', 'host-refused', /no memory/, /free memory/],
  ['E133', 'create', 'nvidia', 'host-refused', /E133/, /dmesg/],
];

describe('a refusal of the host', () => {
  it.each(ROWS)('%s of %s by %s is %s', (errno, operation, driver, code, says, hint) => {
    const { code: told, message, hint: next } = refused(errno, operation, driver);
    expect({ told, message, next }).toEqual({
      told: code,
      message: expect.stringMatching(says),
      next: expect.stringMatching(hint),
    });
  });

  it.each([
    ...CAUSES.map((cause) => ({ ...cause, driver: OTHER })),
    ...drivers.flatMap(({ name, refusals = [] }) =>
      refusals.map((cause) => ({ ...cause, driver: name })),
    ),
  ])('$errno, $operations, $driver is hidden by no other cause', (cause: Case) => {
    const operations = cause.operations ?? (['create', 'remove', 'attribute', 'open'] as const);
    const messages = operations.map(
      (operation) => refused(cause.errno, operation, cause.driver).message,
    );
    expect(messages.some((message) => message.includes(cause.says))).toBe(true);
  });

  it('keeps what was written where, the errno and the cause', () => {
    const error = new HostError('ENOSPC', `${PARENT}/mdev_supported_types/mtty-1/create`, {
      written: UUID,
    });
    const location = { line: 3, column: 5 };
    expect(refusal(error, 'Unable to create x', { type: 'mtty-1', location })).toMatchObject({
      message: `Unable to create x: the driver has no room left for this type on this parent (ENOSPC writing '${UUID}' to ${PARENT}/mdev_supported_types/mtty-1/create)`,
      location,
      cause: error,
    });
  });

  it('names who holds the device', () => {
    const holders = [{ pid: 77, command: 'qemu-system-x86', domain: 'vm1' }];
    const error = new HostError('EBUSY', `${PARENT}/${UUID}/remove`, { written: '1', holders });
    expect(refusal(error, 'Unable to destroy x')).toMatchObject({
      code: 'in-use',
      message: expect.stringContaining("held by domain 'vm1' (qemu-system-x86, pid 77)"),
    });
  });

  it('leaves every other error as it is', () => {
    const error = new TypeError('a defect');
    expect(refusal(error, 'Unable to do it')).toBe(error);
  });
});

it.each([
  [{ domain: 'vm1', command: 'qemu', pid: 4 }, "domain 'vm1' (qemu, pid 4)"],
  [{ domain: 'vm1' }, "domain 'vm1'"],
  [{ command: 'qemu', pid: 4 }, 'qemu, pid 4'],
  [{}, 'an unknown program'],
])('%j is called %s', (holder, label) => {
  expect(holderLabel(holder)).toBe(label);
});
