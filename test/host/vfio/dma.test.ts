import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DMA_FLAG } from '../../../src/host/vfio/constants.ts';
import { DmaSpace, type MappedMemory } from '../../../src/host/vfio/dma.ts';
import { VfioError } from '../../../src/host/vfio/error.ts';
import { LockedMemory } from '../../../src/host/vfio/locked-memory.ts';
import { answer } from './plugged.ts';

const PAGE = 4096;
const BOTH = DMA_FLAG.read | DMA_FLAG.write;
const none: MappedMemory = {
  read: (_iova, count) => Promise.resolve(new Uint8Array(count)),
  write: () => Promise.resolve(),
};
const mapping = (iova: number, size: number, flags: number = BOTH) => ({
  iova,
  size,
  flags,
  memory: none,
});

/** Mapped: 0x10000 to 0x13fff for both, 0x14000 to 0x15fff to be read. */
const space = (locked = new LockedMemory()): DmaSpace => {
  const dma = new DmaSpace(locked);
  dma.map(mapping(0x10000, 4 * PAGE));
  dma.map(mapping(0x14000, 2 * PAGE, DMA_FLAG.read));
  return dma;
};

it.each<[iova: number, size: number, flags: number, result: unknown]>([
  [0x20000, PAGE, BOTH, undefined],
  [0, 0x10000, BOTH, undefined],
  [0x16000, PAGE, DMA_FLAG.write, undefined],
  [0, 0x11000, BOTH, 'EEXIST'],
  [0x10000, 4 * PAGE, BOTH, 'EEXIST'],
  [0x11000, PAGE, BOTH, 'EEXIST'],
  [0x15000, 2 * PAGE, BOTH, 'EEXIST'],
  [0, 0x100000, BOTH, 'EEXIST'],
  [0x20000, 0, BOTH, 'EINVAL'],
  [0x20000, 100, BOTH, 'EINVAL'],
  [0x20001, PAGE, BOTH, 'EINVAL'],
  [0x20000, PAGE, 0, 'EINVAL'],
  [0x20000, PAGE, BOTH | 4, 'EINVAL'],
  [-PAGE, PAGE, BOTH, 'EINVAL'],
  [2 ** 53 - PAGE, PAGE, BOTH, 'EINVAL'],
  [0x20000, 2 ** 64, BOTH, 'EINVAL'],
])('mapping %i, %d bytes, flags %d → %j', (iova, size, flags, result) => {
  expect(answer(() => space().map(mapping(iova, size, flags)))).toBe(result);
});

it.each<[iova: number, size: number, result: unknown]>([
  [0x10000, 4 * PAGE, 4 * PAGE],
  [0x10000, 6 * PAGE, 6 * PAGE],
  [0, 0x100000, 6 * PAGE],
  [0x20000, PAGE, 0],
  [0, PAGE, 0],
  [0x10000, PAGE, 'EINVAL'],
  [0x11000, 3 * PAGE, 'EINVAL'],
  [0x10000, 5 * PAGE, 'EINVAL'],
  [0x11000, 5 * PAGE, 'EINVAL'],
  [0x11000, PAGE, 'EINVAL'],
  [0x10000, 0, 'EINVAL'],
  [0x10001, PAGE, 'EINVAL'],
  [0x10000, 100, 'EINVAL'],
])('unmapping %i, %d bytes → %j', (iova, size, result) => {
  expect(answer(() => space().unmap(iova, size))).toBe(result);
});

it('takes 65535 mappings', () => {
  const dma = new DmaSpace(new LockedMemory());
  for (let page = 0; page < 65_535; page += 1) dma.map(mapping(page * PAGE, PAGE));
  expect(answer(() => dma.map(mapping(65_535 * PAGE, PAGE)))).toBe('ENOSPC');
  expect(dma.unmap(0, 65_535 * PAGE)).toBe(65_535 * PAGE);
});

/** The pages that are locked after it, with a limit of 5. */
it.each<[iova: number, pages: number, access: 'r' | 'w' | 'rw', result: unknown, locked: number]>([
  [0x10000, 1, 'rw', undefined, 1],
  [0x10000, 4, 'rw', undefined, 4],
  [0x10000, 5, 'r', undefined, 5],
  [0x10000, 6, 'r', 'ENOMEM', 0],
  [0x13000, 2, 'w', 'EPERM', 0],
  [0x15000, 2, 'r', 'EINVAL', 0],
  [0xf000, 2, 'r', 'EINVAL', 0],
  [0x20000, 1, 'r', 'EINVAL', 0],
  [0x10001, 1, 'r', 'EINVAL', 0],
  [0x10000, 0, 'r', 'EINVAL', 0],
  [0x10000, 513, 'r', 'E2BIG', 0],
])('pinning %i, %d pages for %s → %j, %d locked', (iova, pages, access, result, locked) => {
  const account = new LockedMemory(5);
  const dma = space(account);
  const wanted = { read: access.includes('r'), write: access.includes('w') };
  expect(answer(() => dma.pin(iova, pages, wanted))).toBe(result);
  expect(account.pages).toBe(locked);
});

it('pins what is pinned already beyond the limit, but no other page', () => {
  const account = new LockedMemory(2);
  const dma = space(account);
  dma.pin(0x10000, 2, { read: true });
  dma.pin(0x10000, 2, { read: true });
  // The first page of these is pinned, the last one is one too many: nothing changes.
  expect(answer(() => dma.pin(0x11000, 2, { read: true }))).toBe('ENOMEM');
  expect([dma.unpin(0x10000, 4), account.pages]).toEqual([2, 2]);
  expect([dma.unpin(0x10000, 4), account.pages]).toEqual([2, 0]);
  expect(dma.unpin(0x10000, 4)).toBe(0);
});

it('counts a page once that two devices of a VM have pinned, as long as one has', () => {
  const account = new LockedMemory(1);
  const [first, second] = [space(account), space(account)];
  first.pin(0x10000, 1, { read: true });
  second.pin(0x10000, 1, { read: true });
  expect(account.pages).toBe(1);
  first.detach();
  expect(account.pages).toBe(1);
  second.unmap(0x10000, 4 * PAGE);
  expect(account.pages).toBe(0);
});

describe('guest memory', () => {
  /** Each mapping is its own array. */
  const filled = () => {
    const dma = new DmaSpace(new LockedMemory());
    const seen: string[] = [];
    const memory = (name: string, byte: number): MappedMemory => ({
      read: (iova, count) => {
        seen.push(`${name} read ${iova.toString(16)} ${count}`);
        return Promise.resolve(new Uint8Array(count).fill(byte));
      },
      write: (iova, bytes) => {
        seen.push(`${name} write ${iova.toString(16)} ${[...bytes].join(' ')}`);
        return Promise.resolve();
      },
    });
    dma.map({ ...mapping(0x1000, PAGE), memory: memory('a', 1) });
    dma.map({ ...mapping(0x2000, PAGE), memory: memory('b', 2) });
    dma.map({ ...mapping(0x3000, PAGE, DMA_FLAG.read), memory: memory('c', 3) });
    return { dma, seen };
  };

  it('is read across mappings', async () => {
    const { dma, seen } = filled();
    expect([...(await dma.read(0x1ffe, 4))]).toEqual([1, 1, 2, 2]);
    expect(seen).toEqual(['a read 1ffe 2', 'b read 2000 2']);
  });

  it('is written across mappings', async () => {
    const { dma, seen } = filled();
    await dma.write(0x1fff, new Uint8Array([7, 8, 9]));
    expect(seen).toEqual(['a write 1fff 7', 'b write 2000 8 9']);
  });

  it.each<[call: 'read' | 'write', iova: number, count: number, errno: string]>([
    ['write', 0x2fff, 2, 'EPERM'],
    ['read', 0x3fff, 2, 'EINVAL'],
    ['read', 0, 1, 'EINVAL'],
    ['write', 0x4000, 1, 'EINVAL'],
  ])('%s at %i of %d bytes is %s as a whole', async (call, iova, count, errno) => {
    const { dma, seen } = filled();
    const done = call === 'read' ? dma.read(iova, count) : dma.write(iova, new Uint8Array(count));
    await expect(done).rejects.toMatchObject({ name: 'VfioError', errno });
    expect(seen).toEqual([]);
  });
});

/** A few pages, for two VMs with two devices each. */
const PAGES = 4;
const LIMIT = 3;
type Step = readonly ['map' | 'unmap' | 'pin' | 'unpin' | 'detach', number, number, number];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('map', 'map', 'pin', 'pin', 'unpin', 'unmap', 'detach'),
  fc.nat(3),
  fc.nat(PAGES - 1),
  fc.integer({ min: 1, max: PAGES / 2 }),
);

/** The same, said as simply as possible: one entry for each page, device and pin. */
class Naive {
  mapped = new Map<number, number>(); // page → first page of its mapping
  sizes = new Map<number, number>();
  pins: number[] = [];

  run([call, , page, count]: Step, locked: () => ReadonlySet<number>): string | undefined {
    const pages = Array.from({ length: count }, (_, index) => page + index);
    switch (call) {
      case 'map':
        if (pages.some((each) => this.mapped.has(each))) return 'EEXIST';
        for (const each of pages) this.mapped.set(each, page);
        this.sizes.set(page, count);
        return undefined;
      case 'unmap': {
        const starts = new Set(pages.flatMap((each) => this.mapped.get(each) ?? []));
        const cut = [...starts].some(
          (start) => start < page || start + (this.sizes.get(start) ?? 0) > page + count,
        );
        if (cut) return 'EINVAL';
        for (const each of pages) this.mapped.delete(each);
        this.pins = this.pins.filter((each) => !pages.includes(each));
        return undefined;
      }
      case 'pin': {
        if (pages.some((each) => !this.mapped.has(each))) return 'EINVAL';
        if (new Set([...locked(), ...pages]).size > LIMIT) return 'ENOMEM';
        this.pins.push(...pages);
        return undefined;
      }
      case 'unpin':
        for (const each of pages) {
          const at = this.pins.indexOf(each);
          if (at >= 0) this.pins.splice(at, 1);
        }
        return undefined;
      case 'detach':
        this.mapped.clear();
        this.pins = [];
    }
    return undefined;
  }
}

it('accounts as a naive model does, and for nothing when all devices are closed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const accounts = [new LockedMemory(LIMIT), new LockedMemory(LIMIT)];
      const devices = [0, 1, 2, 3].map(
        (index) => new DmaSpace(accounts[index >> 1] ?? new LockedMemory()),
      );
      const naive = [0, 1, 2, 3].map(() => new Naive());
      const lockedBy = (vm: number) =>
        new Set([...(naive[2 * vm]?.pins ?? []), ...(naive[2 * vm + 1]?.pins ?? [])]);
      for (const each of steps) {
        const [call, index, page, count] = each;
        const device = devices[index];
        if (device === undefined) continue;
        const iova = page * PAGE;
        let errno: string | undefined;
        try {
          if (call === 'map') device.map(mapping(iova, count * PAGE));
          else if (call === 'unmap') device.unmap(iova, count * PAGE);
          else if (call === 'pin') device.pin(iova, count, { read: true });
          else if (call === 'unpin') device.unpin(iova, count);
          else device.detach();
        } catch (error) {
          if (!(error instanceof VfioError)) throw error;
          errno = error.errno;
        }
        expect(errno).toBe(naive[index]?.run(each, () => lockedBy(index >> 1)));
        expect(accounts.map(({ pages }) => pages)).toEqual([lockedBy(0).size, lockedBy(1).size]);
      }
      for (const device of devices) device.detach();
      expect(accounts.map(({ pages }) => pages)).toEqual([0, 0]);
    }),
  );
});
