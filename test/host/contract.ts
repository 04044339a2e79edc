import assert from 'node:assert/strict';
import {
  type Host,
  type HostDevice,
  HostError,
  type HostEvent,
  type HostParent,
} from '../../src/host/host.ts';

/** The two words of a test runner the suite needs: vitest's, or `node:test`'s where nothing else is installed. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => void | Promise<void>) => void;
}

/** A host under test, with the kernel's sample drivers mtty, mdpy and mbochs and none of this suite's devices. */
export interface Subject {
  readonly host: Host;
  /** Writes words to a file below the root as they are. */
  readonly write: (path: string, words: string) => void;
  /** Attributes that its devices have beside those of the sample drivers. */
  readonly attributes?: readonly string[];
  /** What kernels before Linux 6.1 do otherwise: the driver all devices are bound to; who counts mdpy's. */
  readonly old?: { readonly driver: string | undefined; readonly full: string } | undefined;
  /** Whether it has the flat layout of 2016. */
  readonly flat?: boolean | undefined;
  /** Opens a device as a VM would; gives back what closes it. Undefined where that cannot be done. */
  readonly hold?: ((device: HostDevice) => () => void) | undefined;
}

const PREFIX = 'c0ffee00-1111-4222-8333-';

/** The n-th uuid of the suite: what it made can be told from what was there. */
function uuidOf(number: number): string {
  return `${PREFIX}${number.toString(16).padStart(12, '0')}`;
}

const CREATE_WORDS: readonly (readonly [string, string, string | undefined])[] = [
  ['36 characters', uuidOf(1), undefined],
  ['a newline after them', `${uuidOf(1)}\n`, undefined],
  ['any other byte after them', `${uuidOf(1)}x`, undefined],
  ['a NUL after them', `${uuidOf(1)}\0`, undefined],
  ['upper case', uuidOf(1).toUpperCase(), undefined],
  ['35 characters', uuidOf(1).slice(1), 'EINVAL'],
  ['38 characters', `${uuidOf(1)}\n\n`, 'EINVAL'],
  ['a two-byte character after them', `${uuidOf(1)}\u00e9`, 'EINVAL'],
  ['a digit that is none', uuidOf(1).replace('c', 'g'), 'EINVAL'],
  ['a moved hyphen', 'c0ffee001-111-4222-8333-000000000001', 'EINVAL'],
  ['braces', `{${uuidOf(1)}}`, 'EINVAL'],
  ['no hyphens', uuidOf(1).replaceAll('-', ''), 'EINVAL'],
  ['urn:uuid:', `urn:uuid:${uuidOf(1)}`, 'EINVAL'],
  ['a space before', ` ${uuidOf(1)}`, 'EINVAL'],
  ['a newline only', '\n', 'EINVAL'],
];

const REMOVE_WORDS: readonly (readonly [string, 'removes' | 'nothing' | 'EINVAL'])[] = [
  ...['1', '1\n', '2', '01', '0x1', '0X1', '+1', '18446744073709551615'].map(
    (words) => [words, 'removes'] as const,
  ),
  ...['0', '00', '+0', '0x0', '0\n', ''].map((words) => [words, 'nothing'] as const),
  ...['\n', ' ', 'yes', '-1', '1x', '1 ', ' 1', '08', '0x', '++1', '1\n\n'].map(
    (words) => [words, 'EINVAL'] as const,
  ),
  ['18446744073709551616', 'EINVAL'],
];

/** How many devices of the first type fill a parent, and the errno of the next one (reference: the drivers). */
const CAPACITIES: readonly (readonly [string, string, number, string])[] = [
  ['mtty', 'mtty-1', 24, 'ENOSPC'],
  ['mtty', 'mtty-2', 12, 'ENOSPC'],
  ['mdpy', 'mdpy-hd', 4, 'EUSERS'],
  ['mbochs', 'mbochs-large', 4, 'ENOSPC'],
];

/** Checks that a host behaves as the kernel does, on any host there is. */
export function hostContract(label: string, subject: Subject, { describe, it }: Runner): void {
  /** A test that leaves no device behind, whatever happens. */
  const check = (title: string, body: (subject: Subject) => void | Promise<void>): void => {
    it(title, async () => {
      try {
        await body(subject);
      } finally {
        removeOurs(subject.host);
      }
    });
  };

  describe(`host contract: ${label}`, () => {
    describe('reading', () => {
      check('lists the parents, sorted, and finds each by its address', ({ host }) => {
        const { items, unreadable } = host.parents();
        assert.deepEqual(unreadable, []);
        const samples = items.filter(({ address }) => /^(?:mtty|mdpy|mbochs)$/.test(address));
        assert.deepEqual(
          samples.map(({ address, subsystem, path }) => [address, subsystem, path]),
          ['mbochs', 'mdpy', 'mtty'].map((id) => [id, id, `/sys/devices/virtual/${id}/${id}`]),
        );
        for (const parent of items) assert.deepEqual(host.parent(parent.address), parent);
        assert.equal(host.parent('nope'), undefined);
      });

      check('has VFIO', ({ host }) => {
        assert.equal(host.hasVfio(), true);
      });

      check('describes a parent as a node device', ({ host }) => {
        const device = host.describeHardware(parentOf(host, 'mtty'));
        assert.equal(device.name, 'mtty_mtty');
        assert.equal(device.path, '/sys/devices/virtual/mtty/mtty');
        assert.equal(device.parent?.name, 'computer');
      });

      check('lists the types, sorted, with what the kernel says of each', ({ host }) => {
        const { items, unreadable } = host.types(parentOf(host, 'mdpy'));
        assert.deepEqual(unreadable, []);
        assert.deepEqual(
          items.map(({ id, name, deviceApi, description }) => [id, name, deviceApi, description]),
          [
            ['mdpy-hd', 'mdpy-hd', 'vfio-pci', 'virtual display, 1920x1080 framebuffer'],
            ['mdpy-vga', 'mdpy-vga', 'vfio-pci', 'virtual display, 640x480 framebuffer'],
            ['mdpy-xga', 'mdpy-xga', 'vfio-pci', 'virtual display, 1024x768 framebuffer'],
          ],
        );
        const mtty = host.type(parentOf(host, 'mtty'), 'mtty-2');
        assert.equal(mtty?.name, 'Dual port serial');
        assert.equal(mtty.description, undefined);
        assert.equal(host.type(parentOf(host, 'mtty'), 'mtty-3'), undefined);
      });

      check('has one boot id as long as it runs', ({ host }) => {
        assert.match(host.bootId(), /^[0-9a-f-]{36}$/);
        assert.equal(host.bootId(), host.bootId());
      });

      check('lists devices by parent, then uuid, and finds each by its uuid', ({ host }) => {
        const made = [
          create(host, 'mtty', 'mtty-1', uuidOf(2)),
          create(host, 'mdpy', 'mdpy-hd', uuidOf(3)),
          create(host, 'mtty', 'mtty-2', uuidOf(1)),
        ];
        const ours = ourDevices(host);
        assert.deepEqual(
          ours.map(({ ref, type }) => [ref.parent, ref.uuid, type]),
          [
            ['mdpy', uuidOf(3), 'mdpy-hd'],
            ['mtty', uuidOf(1), 'mtty-2'],
            ['mtty', uuidOf(2), 'mtty-1'],
          ],
        );
        assert.deepEqual(new Set(made), new Set(ours));
        assert.deepEqual(
          host
            .devices(parentOf(host, 'mdpy'))
            .items.filter(isOurs)
            .map(({ ref }) => ref.uuid),
          [uuidOf(3)],
        );
        assert.equal(host.find(uuidOf(4)), undefined);
      });

      check('tells the details of a device', ({ host }) => {
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        const details = host.details(device);
        assert.equal(device.path, `/sys/devices/virtual/mtty/mtty/${uuidOf(1)}`);
        assert.equal(details.driver, subject.old?.driver ?? 'mtty');
        assert.deepEqual(details.attributes, [
          ...(subject.attributes ?? []),
          'vendor/sample_mdev_dev',
        ]);
        const { iommuGroup, deviceNodes } = details;
        assert.ok(deviceNodes.length > 0);
        assert.equal(deviceNodes.includes(`/dev/vfio/${iommuGroup}`), iommuGroup !== undefined);
        assert.equal(
          host.readAttribute(device, 'vendor/sample_mdev_dev'),
          `This is MDEV ${uuidOf(1)}`,
        );
        assert.deepEqual(host.holders(device), []);
      });
    });

    describe('create', () => {
      for (const [title, words, normally] of CREATE_WORDS) {
        // The series of 2016 does not look at what follows a uuid.
        const errno = subject.flat === true && words.startsWith(uuidOf(1)) ? undefined : normally;
        check(`${title}: ${errno ?? 'accepted'}`, ({ host }) => {
          const parent = parentOf(host, 'mtty');
          const outcome = attempt(() => host.create(parent, 'mtty-1', words));
          assert.equal(outcome, errno);
          assert.deepEqual(
            ourDevices(host).map(({ ref }) => ref.uuid),
            errno === undefined ? [uuidOf(1)] : [],
          );
        });
      }

      check('an empty write does nothing', ({ host, write }) => {
        write(createFile('mtty', 'mtty-1', subject), '');
        assert.deepEqual(ourDevices(host), []);
      });

      check('nil and all-f uuids are uuids', ({ host }) => {
        for (const uuid of [uuidOf(0).replace(/[^-]/g, '0'), uuidOf(0).replace(/[^-]/g, 'f')]) {
          const device = create(host, 'mtty', 'mtty-1', uuid);
          host.remove(device);
          assert.equal(host.find(uuid), undefined);
        }
      });

      check('a uuid exists once on the whole host: EEXIST', ({ host }) => {
        create(host, 'mtty', 'mtty-1', uuidOf(1));
        const again = (parent: string, type: string, words: string) =>
          attempt(() => host.create(parentOf(host, parent), type, words));
        assert.equal(again('mtty', 'mtty-1', uuidOf(1)), 'EEXIST');
        assert.equal(again('mtty', 'mtty-2', uuidOf(1)), 'EEXIST');
        assert.equal(again('mdpy', 'mdpy-hd', uuidOf(1)), 'EEXIST');
        assert.equal(again('mtty', 'mtty-1', uuidOf(1).toUpperCase()), 'EEXIST');
        assert.equal(ourDevices(host).length, 1);
      });

      for (const [parent, type, capacity, errno] of CAPACITIES) {
        check(`${type}: ${capacity} fit, then ${errno}`, ({ host }) => {
          for (let number = 1; number <= capacity; number += 1) {
            create(host, parent, type, uuidOf(number));
            const left = host.type(parentOf(host, parent), type)?.availableInstances;
            assert.equal(left, capacity - number);
          }
          const full = (words: string) =>
            attempt(() => host.create(parentOf(host, parent), type, words));
          const own = errno === 'EUSERS' ? (subject.old?.full ?? errno) : errno;
          assert.equal(full(uuidOf(capacity + 1)), own);
          // What exists is said before what does not fit, and what is malformed before both.
          assert.equal(full(uuidOf(1)), 'EEXIST');
          assert.equal(full('nonsense'), 'EINVAL');
          assert.equal(ourDevices(host).length, capacity);
        });
      }

      check('an unknown type or parent: ENOENT, and nothing is made', ({ host }) => {
        const mtty = parentOf(host, 'mtty');
        const nowhere = { ...mtty, path: '/sys/devices/virtual/nope/nope' };
        assert.equal(
          attempt(() => host.create(mtty, 'mtty-3', uuidOf(1))),
          'ENOENT',
        );
        assert.equal(
          attempt(() => host.create(nowhere, 'mtty-1', uuidOf(1))),
          'ENOENT',
        );
        assert.equal(host.type(mtty, 'mtty-3'), undefined);
        assert.deepEqual(ourDevices(host), []);
      });

      check('numbers of IOMMU groups and of devices are used again, lowest first', ({ host }) => {
        const groups = [1, 2, 3].map((number) => numberOf(host, 'mtty-1', number));
        assert.deepEqual(
          groups,
          groups.toSorted((a, b) => a - b),
        );
        host.remove(findOurs(host, 2));
        host.remove(findOurs(host, 1));
        assert.deepEqual(
          [4, 5].map((number) => numberOf(host, 'mtty-1', number)),
          [groups[0], groups[1]],
        );
      });

      check('a refusal names the file and the words', ({ host }) => {
        const error = refusal(() => host.create(parentOf(host, 'mtty'), 'mtty-1', 'nonsense'));
        assert.equal(error.written, subject.flat === true ? 'nonsense:type_id=1' : 'nonsense');
        assert.equal(error.path, createFile('mtty', 'mtty-1', subject));
      });
    });

    describe('remove', () => {
      for (const [words, outcome] of subject.flat === true ? [] : REMOVE_WORDS) {
        check(`${JSON.stringify(words)}: ${outcome}`, ({ host, write }) => {
          const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
          const errno = attempt(() => write(`${device.path}/remove`, words));
          assert.equal(errno, outcome === 'EINVAL' ? 'EINVAL' : undefined);
          assert.equal(host.find(uuidOf(1)) === undefined, outcome === 'removes');
        });
      }

      check('gives back what the device took, and all of its files', ({ host }) => {
        const before = host.types(parentOf(host, 'mtty'));
        const device = create(host, 'mtty', 'mtty-2', uuidOf(1));
        assert.notDeepEqual(host.types(parentOf(host, 'mtty')), before);
        host.remove(device);
        assert.deepEqual(host.types(parentOf(host, 'mtty')), before);
        assert.deepEqual(ourDevices(host), []);
        assert.equal(
          attempt(() => host.details(device)),
          'ENOENT',
        );
      });

      check('a second time: ENOENT', ({ host }) => {
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        host.remove(device);
        const error = refusal(() => host.remove(device));
        assert.equal(error.errno, 'ENOENT');
        const { path } = device;
        const file = path.replace(/[^/]*$/, 'mdev_destroy');
        assert.equal(error.path, subject.flat === true ? file : `${path}/remove`);
      });

      check('a device in use is refused at once, and its holder named', ({ host, hold }) => {
        if (hold === undefined) return;
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        const release = hold(device);
        try {
          const error = refusal(() => host.remove(device));
          assert.equal(error.errno, 'EBUSY');
          assert.equal(error.holders.length, 1);
          assert.deepEqual(host.holders(device), error.holders);
          assert.deepEqual(host.find(uuidOf(1)), device);
        } finally {
          release();
        }
        host.remove(device);
        assert.equal(host.find(uuidOf(1)), undefined);
      });
    });

    describe('attributes and other files', () => {
      check('what only reads cannot be written: EACCES', ({ host, write }) => {
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        const error = refusal(() => host.setAttribute(device, 'vendor/sample_mdev_dev', 'x'));
        assert.equal(error.errno, 'EACCES');
        assert.equal(error.written, 'x');
        const types = '/sys/devices/virtual/mtty/mtty/mdev_supported_types';
        const files = ['name', 'available_instances', 'device_api'].map((file) => `mtty-1/${file}`);
        for (const file of subject.flat === true
          ? [types]
          : files.map((each) => `${types}/${each}`)) {
          assert.equal(
            attempt(() => write(file, 'x')),
            'EACCES',
          );
        }
      });

      check('an attribute there is not: ENOENT', ({ host }) => {
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        assert.equal(
          attempt(() => host.setAttribute(device, 'vendor/nope', 'x')),
          'ENOENT',
        );
        assert.equal(
          attempt(() => host.setAttribute(device, 'nope', 'x')),
          'ENOENT',
        );
        assert.equal(
          attempt(() => host.readAttribute(device, 'nope')),
          'ENOENT',
        );
      });

      check('a name that is no attribute of the device is never opened: EACCES', ({ host }) => {
        const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
        const own = ['remove', 'online', 'uevent', 'driver/unbind', 'mdev_type/create'];
        const names = [...own, '../x', 'a/../b'];
        for (const attribute of [...names, '', '.', '/etc/passwd', 'a/b/c', 'vendor\0x']) {
          assert.equal(
            attempt(() => host.readAttribute(device, attribute)),
            'EACCES',
            attribute,
          );
          assert.equal(
            attempt(() => host.setAttribute(device, attribute, '1')),
            'EACCES',
            attribute,
          );
        }
        assert.deepEqual(host.find(uuidOf(1)), device);
      });

      check('hostile names find nothing', ({ host }) => {
        const mtty = parentOf(host, 'mtty');
        for (const name of ['', '.', '..', '../mtty', 'mtty/../mdpy', 'x\0y', '__proto__', '*']) {
          assert.equal(host.parent(name), undefined, name);
          assert.equal(host.type(mtty, name), undefined, name);
          assert.equal(host.find(name), undefined, name);
          assert.equal(
            attempt(() => host.create(mtty, name, uuidOf(1))),
            'ENOENT',
            name,
          );
        }
      });
    });

    describe('events', () => {
      check('tells of each device that comes and goes, once', async ({ host }) => {
        const events: HostEvent[] = [];
        const stop = new AbortController();
        host.watch((event) => events.push(event), stop.signal);
        try {
          const device = create(host, 'mtty', 'mtty-1', uuidOf(1));
          await until(() => events.length >= 1);
          // Nobody hears of what was refused.
          attempt(() => host.create(parentOf(host, 'mtty'), 'mtty-1', uuidOf(1)));
          host.remove(device);
          await until(() => events.length >= 2);
        } finally {
          stop.abort();
        }
        assert.deepEqual(
          events.map(({ action, parent, uuid }) => [action, parent, uuid]),
          [
            ['add', 'mtty', uuidOf(1)],
            ['remove', 'mtty', uuidOf(1)],
          ],
        );
      });
    });
  });
}

function parentOf(host: Host, address: string): HostParent {
  const parent = host.parent(address);
  assert.ok(parent, `no parent ${address}`);
  return parent;
}

/** The file that takes uuids for new devices. */
function createFile(parent: string, type: string, { flat }: Subject): string {
  const path = `/sys/devices/virtual/${parent}/${parent}`;
  return flat === true ? `${path}/mdev_create` : `${path}/mdev_supported_types/${type}/create`;
}

function create(host: Host, parent: string, type: string, uuid: string): HostDevice {
  host.create(parentOf(host, parent), type, uuid);
  const device = host.find(uuid);
  assert.ok(device, `${uuid} did not appear`);
  return device;
}

/** The number of a new device's IOMMU group, or of its own file where there are no groups. */
function numberOf(host: Host, type: string, number: number): number {
  const { iommuGroup, deviceNodes } = host.details(create(host, 'mtty', type, uuidOf(number)));
  const own = /vfio(\d+)$/.exec(deviceNodes[0] ?? '')?.[1];
  assert.ok(iommuGroup !== undefined || own !== undefined);
  return iommuGroup ?? Number(own);
}

function findOurs(host: Host, number: number): HostDevice {
  const device = host.find(uuidOf(number));
  assert.ok(device);
  return device;
}

function isOurs({ ref }: HostDevice): boolean {
  return ref.uuid.startsWith(PREFIX) || /^(?:0+|f+)$/.test(ref.uuid.replaceAll('-', ''));
}

function ourDevices(host: Host): readonly HostDevice[] {
  return host.devices().items.filter(isOurs);
}

function removeOurs(host: Host): void {
  for (const device of ourDevices(host)) host.remove(device);
}

/** The errno an operation is refused with; undefined when it is not. */
function attempt(operation: () => void): string | undefined {
  try {
    operation();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof HostError, String(error));
    return error.errno;
  }
}

function refusal(operation: () => void): HostError {
  try {
    operation();
  } catch (error) {
    assert.ok(error instanceof HostError, String(error));
    return error;
  }
  return assert.fail('it was not refused');
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, 'waited for 5 seconds');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
