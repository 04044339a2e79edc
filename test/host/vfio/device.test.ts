import { beforeEach, describe, expect, it } from 'vitest';
import type { DeviceBus, DeviceModel, DeviceRegion } from '../../../src/drivers/device-model.ts';
import { IRQ_SET } from '../../../src/host/vfio/constants.ts';
import type { VfioDevice } from '../../../src/host/vfio/device.ts';
import type { IrqSet } from '../../../src/host/vfio/intx.ts';
import { answer, arrayMemory, plugged } from './plugged.ts';

/** What happened: accesses of registers, signals, resets. */
let log: string[];
/** The level of the device's interrupt pin. */
let assert: (asserted: boolean) => void;
let device: VfioDevice;

/**
 * BAR 0: 16 bytes of registers; BAR 1: 16384 bytes, of which a page is memory; BAR 2: memory; BAR 3: registers that are only
 * written; 9: a region with a type.
 */
function sample(bus: DeviceBus): DeviceModel {
  assert = bus.interrupt;
  const read = (offset: number, width: number) => {
    log.push(`r${width}@${offset}`);
    return 0x8040_2010 % 2 ** (8 * width);
  };
  const write = (offset: number, width: number, value: number) => {
    log.push(`w${width}@${offset}=${value.toString(16)}`);
  };
  const mapped = [{ offset: 4096, size: 4096 }];
  return {
    ids: { class: 0x070002, vendor: 0x1234, product: 0x5678 },
    interrupts: true,
    regions: new Map<number, DeviceRegion>([
      [0, { size: 16, space: 'io', read, write }],
      [1, { size: 16384, memory: arrayMemory(16384), mapped, read, write }],
      [2, { size: 4096, memory: bus.memory(2, 4096) }],
      [3, { size: 16, write }],
      [9, { size: 4096, type: { type: 1, subtype: 1 }, read }],
    ]),
    reset: () => {
      log.push('reset');
      assert(false);
    },
  };
}

beforeEach(() => {
  log = [];
  device = plugged(sample);
  log = [];
});

const { none, bool, eventfd, mask, unmask, trigger } = IRQ_SET;
const signals = (...names: readonly string[]) => names.map((name) => () => void log.push(name));
const irqs = (flags: number, more: Partial<IrqSet> = {}): IrqSet => ({
  flags,
  index: 0,
  start: 0,
  count: 1,
  ...more,
});
const bytes = (...values: readonly number[]) => new Uint8Array(values);

/** A call, its arguments, its result or errno, and what the device saw of it. */
type Call = readonly [
  call: 'info' | 'regionInfo' | 'irqInfo' | 'setIrqs' | 'read' | 'write' | 'reset' | 'memory',
  args: readonly unknown[],
  result: unknown,
  seen?: readonly string[],
];

const TABLE: readonly Call[] = [
  ['info', [], { flags: 3, regions: 10, irqs: 5 }],

  ['regionInfo', [0], { size: 16, flags: 0x3 }],
  ['regionInfo', [1], { size: 16384, flags: 0xf, areas: [{ offset: 4096, size: 4096 }] }],
  ['regionInfo', [2], { size: 4096, flags: 0x7 }],
  ['regionInfo', [3], { size: 16, flags: 0x2 }],
  ['regionInfo', [4], { size: 0, flags: 0 }],
  ['regionInfo', [6], { size: 0, flags: 0 }],
  ['regionInfo', [7], { size: 256, flags: 0x3 }],
  ['regionInfo', [8], { size: 0, flags: 0 }],
  ['regionInfo', [9], { size: 4096, flags: 0x9, type: { type: 1, subtype: 1 } }],
  ['regionInfo', [10], 'EINVAL'],
  ['regionInfo', [0xffff_ffff], 'EINVAL'],

  ['irqInfo', [0], { flags: 0x7, count: 1 }],
  ...[1, 2, 3, 4].map((index) => ['irqInfo', [index], { flags: 0, count: 0 }] as const),
  ['irqInfo', [5], 'EINVAL'],

  ['read', [0, 0, 4], [0x10, 0x20, 0x40, 0x80], ['r4@0']],
  ['read', [0, 0, 1], [0x10], ['r1@0']],
  ['read', [0, 1, 7], [0x10, 0x10, 0x20, 0x10, 0x20, 0x40, 0x80], ['r1@1', 'r2@2', 'r4@4']],
  ['read', [0, 6, 3], [0x10, 0x20, 0x10], ['r2@6', 'r1@8']],
  ['read', [0, 3, 2], [0x10, 0x10], ['r1@3', 'r1@4']],
  ['read', [0, 0, 0], []],
  ['read', [0, 14, 4], [0x10, 0x20], ['r2@14']],
  ['read', [0, 16, 1], 'EINVAL'],
  ['read', [3, 0, 1], 'EINVAL'],
  ['read', [4, 0, 1], 'EINVAL'],
  ['read', [10, 0, 1], 'EINVAL'],
  ['read', [1, 4092, 8], [0x10, 0x20, 0x40, 0x80, 0, 0, 0, 0], ['r4@4092']],
  ['read', [1, 8191, 2], [0, 0x10], ['r1@8192']],
  ['read', [2, 4092, 8], [0, 0, 0, 0]],
  ['read', [7, 0, 4], [0x34, 0x12, 0x78, 0x56]],
  ['read', [7, 253, 4], 'EFAULT'],
  ['read', [7, 256, 1], 'EINVAL'],

  ['write', [0, 0, bytes(1, 2, 3, 4)], 4, ['w4@0=4030201']],
  ['write', [0, 4, bytes(1, 2, 3, 0xf0, 1, 2, 3)], 7, ['w4@4=f0030201', 'w2@8=201', 'w1@10=3']],
  ['write', [0, 3, bytes(1, 2, 3)], 3, ['w1@3=1', 'w2@4=302']],
  ['write', [0, 15, bytes(1, 2, 3)], 1, ['w1@15=1']],
  ['write', [0, 16, bytes(1)], 'EINVAL'],
  ['write', [3, 0, bytes(1)], 1, ['w1@0=1']],
  ['write', [1, 8190, bytes(1, 2, 3)], 3, ['w1@8192=3']],
  ['write', [2, 4095, bytes(1, 2)], 1],
  ['write', [4, 0, bytes(1)], 'EINVAL'],
  ['write', [9, 0, bytes(1)], 'EINVAL'],
  ['write', [7, 254, bytes(1, 2, 3)], 'EFAULT'],

  ['setIrqs', [irqs(trigger | eventfd, { signals: signals('irq') })], undefined],
  ['setIrqs', [irqs(trigger | none, { count: 0 })], undefined],
  // What has to be connected first.
  ['setIrqs', [irqs(mask | none)], 'EINVAL'],
  ['setIrqs', [irqs(unmask | bool, { bools: bytes(1) })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none)], 'EINVAL'],
  // Which interrupts there are.
  ['setIrqs', [irqs(trigger | none, { index: 1 })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none, { index: 5 })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none, { start: 1 })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none, { count: 2 })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none, { start: 1, count: 0xffff_ffff })], 'EINVAL'],
  // One action and one kind of data.
  ['setIrqs', [irqs(none)], 'ENOTTY'],
  ['setIrqs', [irqs(mask | trigger | none)], 'ENOTTY'],
  ['setIrqs', [irqs(trigger)], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none | bool)], 'EINVAL'],
  ['setIrqs', [irqs(trigger | none | 0x40)], 'EINVAL'],
  ['setIrqs', [irqs(0)], 'EINVAL'],
  // As many values as interrupts.
  ['setIrqs', [irqs(trigger | bool)], 'EINVAL'],
  ['setIrqs', [irqs(trigger | eventfd, { signals: [] })], 'EINVAL'],
  ['setIrqs', [irqs(trigger | eventfd, { count: 0, signals: [] })], 'EINVAL'],

  ['reset', [], undefined, ['reset']],
  ['memory', [0], 'EINVAL'],
  ['memory', [4], 'EINVAL'],
  ['memory', [10], 'EINVAL'],
];

const calls = TABLE.map(([call, args, result, seen]) => ({ call, args, result, seen }));

it.each(calls)('$call $args → $result', ({ call, args, result, seen = [] }) => {
  expect(answer(() => Reflect.apply(device[call], device, args))).toEqual(result);
  expect(log).toEqual(seen);
});

it.each(calls)('$call $args of a closed device is ENODEV', ({ call, args }) => {
  device.close();
  expect(answer(() => Reflect.apply(device[call], device, args))).toBe('ENODEV');
});

it('keeps what is written to its memory, and maps the memory it was given', () => {
  const given = arrayMemory(4096);
  device = plugged((bus) => sample({ ...bus, memory: () => given }));
  device.write(2, 5, bytes(1, 2, 3));
  expect([...device.read(2, 4, 5)]).toEqual([0, 1, 2, 3, 0]);
  expect([...given.read(4, 5)]).toEqual([0, 1, 2, 3, 0]);
  expect(device.memory(2)).toBe(given);
});

it('is reset when it is opened', () => {
  plugged(sample);
  expect(log).toEqual(['reset']);
});

describe('the interrupt', () => {
  /** What is done after it was connected, and how often it was signalled by then. */
  const STEPS: readonly (readonly [what: string, steps: readonly (() => void)[], count: number])[] =
    [
      ['is signalled once while it is asserted', [() => assert(true)], 1],
      [
        'is masked by being signalled',
        [() => assert(true), () => assert(false), () => assert(true)],
        1,
      ],
      [
        'comes again after unmasking when it is still asserted',
        [() => assert(true), () => device.setIrqs(irqs(unmask | none))],
        2,
      ],
      [
        'does not come again when it is not',
        [() => assert(true), () => assert(false), () => device.setIrqs(irqs(unmask | none))],
        1,
      ],
      [
        'waits while it is masked',
        [() => device.setIrqs(irqs(mask | none)), () => assert(true)],
        0,
      ],
      [
        'is not masked by a 0',
        [() => device.setIrqs(irqs(mask | bool, { bools: bytes(0) })), () => assert(true)],
        1,
      ],
      [
        'is unmasked by anything else',
        [
          () => device.setIrqs(irqs(mask | bool, { bools: bytes(1) })),
          () => assert(true),
          () => device.setIrqs(irqs(unmask | bool, { bools: bytes(7) })),
        ],
        1,
      ],
      ['can be triggered', [() => device.setIrqs(irqs(trigger | none))], 1],
      [
        'can be triggered by a bool',
        [() => device.setIrqs(irqs(trigger | bool, { bools: bytes(1) }))],
        1,
      ],
      [
        'is not triggered by a 0',
        [() => device.setIrqs(irqs(trigger | bool, { bools: bytes(0) }))],
        0,
      ],
      [
        'is disconnected by -1',
        [
          () => device.setIrqs(irqs(trigger | eventfd, { signals: [undefined] })),
          () => assert(true),
        ],
        0,
      ],
      [
        'is disconnected as a whole',
        [() => device.setIrqs(irqs(trigger | none, { count: 0 })), () => assert(true)],
        0,
      ],
      ['is disconnected by closing', [() => device.close(), () => assert(true)], 0],
      [
        'is not asserted after a reset',
        [
          () => device.setIrqs(irqs(mask | none)),
          () => assert(true),
          () => device.reset(),
          () => device.setIrqs(irqs(unmask | none)),
        ],
        0,
      ],
      [
        'is disabled by the command register',
        [() => device.write(7, 4, bytes(0, 4)), () => assert(true)],
        0,
      ],
      [
        'comes when the command register enables it again',
        [
          () => device.write(7, 4, bytes(0, 4)),
          () => assert(true),
          () => device.write(7, 5, bytes(0)),
        ],
        1,
      ],
    ];

  it.each(STEPS)('%s', (_what, steps, count) => {
    device.setIrqs(irqs(trigger | eventfd, { signals: signals('irq') }));
    for (const step of steps) step();
    expect(log.filter((entry) => entry === 'irq')).toHaveLength(count);
  });

  it('that is asserted already comes when it is connected', () => {
    assert(true);
    device.setIrqs(irqs(trigger | eventfd, { signals: signals('irq') }));
    expect(log).toEqual(['irq']);
  });

  it.each([mask | eventfd, unmask | eventfd])('is not masked by eventfds (0x%s)', (flags) => {
    device.setIrqs(irqs(trigger | eventfd, { signals: signals('irq') }));
    expect(answer(() => device.setIrqs(irqs(flags, { signals: signals('x') })))).toBe('ENOTTY');
  });

  it('stands in the status register', () => {
    assert(true);
    expect([...device.read(7, 6, 1)]).toEqual([0x08]);
    assert(false);
    expect([...device.read(7, 6, 1)]).toEqual([0]);
  });
});

it.each<
  [what: string, size: number, space: 'io' | 'memory', capabilities: number, result: unknown]
>([
  ['I/O ports', 4, 'io', 0, undefined],
  ['memory', 16, 'memory', 192, undefined],
  ['a large BAR', 2 ** 31, 'memory', 0, undefined],
  ['too few I/O ports', 2, 'io', 0, 'EINVAL'],
  ['too little memory', 8, 'memory', 0, 'EINVAL'],
  ['no power of two', 12, 'io', 0, 'EINVAL'],
  ['too large a BAR', 2 ** 32, 'memory', 0, 'EINVAL'],
  ['no BAR', 0, 'memory', 0, 'EINVAL'],
  ['no number', Number.NaN, 'memory', 0, 'EINVAL'],
  ['too many capabilities', 16, 'memory', 193, 'EINVAL'],
])('opens a device with %s: %d, %s', (_what, size, space, capabilities, result) => {
  const open = () =>
    plugged((bus) => ({
      ...sample(bus),
      capabilities: new Uint8Array(capabilities),
      regions: new Map([[0, { size, space }]]),
    }));
  expect(answer(() => void open())).toBe(result);
});
