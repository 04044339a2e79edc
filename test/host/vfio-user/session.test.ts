import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceBus, DeviceModel } from '../../../src/drivers/device-model.ts';
import { mdpyModel } from '../../../src/drivers/mdpy/model.ts';
import {
  COMMANDS,
  MAX_MESSAGE_BYTES,
  ProtocolError,
} from '../../../src/host/vfio-user/messages.ts';
import { Conversation } from '../../../src/host/vfio-user/serving.ts';
import type { Descriptor } from '../../../src/host/vfio-user/session.ts';
import { plugged } from '../vfio/plugged.ts';
import { request, words } from './client.ts';

const mdpy = () => plugged((bus) => mdpyModel({ width: 1024, height: 768 }, bus));

/** What QEMU 11.1 and a device of mdpy-xga said to each other, while a guest of Linux 6.1 booted: `>` requests, `<` replies. */
const RECORDED = readFileSync(join(import.meta.dirname, 'qemu-11.1.txt'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => ({ isRequest: line.startsWith('>'), bytes: Buffer.from(line.slice(2), 'hex') }));
const REQUESTS = RECORDED.filter(({ isRequest }) => isRequest).map(({ bytes }) => bytes);
const VERSION = REQUESTS[0] ?? Buffer.alloc(0);

/** The replies to some bytes after a version was agreed on. */
function agreed(device = mdpy()): (bytes: Buffer, descriptors?: readonly Descriptor[]) => Buffer[] {
  const conversation = new Conversation(device);
  expect([...conversation.replies(VERSION)].length).toBe(1);
  return (bytes, descriptors) =>
    [...conversation.replies(bytes, descriptors)].map((one) => one.bytes);
}

const errnoOf = (reply: Buffer | undefined): number | undefined =>
  reply === undefined || (reply.readUInt32LE(8) & 0x20) === 0 ? undefined : reply.readUInt32LE(12);

it('answers QEMU as it did when a guest used the device', () => {
  const conversation = new Conversation(mdpy());
  const replies = REQUESTS.flatMap((bytes) => [...conversation.replies(bytes)]);
  const recorded = RECORDED.filter(({ isRequest }) => !isRequest).map(({ bytes }) => bytes);
  expect(recorded.length).toBeGreaterThan(50);
  expect(replies.map(({ bytes }) => bytes.toString('hex')).slice(0, recorded.length)).toEqual(
    recorded.map((bytes) => bytes.toString('hex')),
  );
});

it('answers the same, however the bytes are cut', () => {
  const all = Buffer.concat(REQUESTS);
  const whole = [...new Conversation(mdpy()).replies(all)].map(({ bytes }) => bytes);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes) => {
      const conversation = new Conversation(mdpy());
      const replies: Buffer[] = [];
      for (let at = 0, turn = 0; at < all.length; turn += 1) {
        const end = at + (sizes[turn % sizes.length] ?? 1);
        for (const { bytes } of conversation.replies(all.subarray(at, end))) replies.push(bytes);
        at = end;
      }
      expect(Buffer.concat(replies).equals(Buffer.concat(whole))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

describe('refusals', () => {
  it.each([
    ['a second version', request(COMMANDS.version, words(0)), 22],
    ['a command that is none', request(99, words(0)), 95],
    ['one that was not agreed on: several writes in one', request(15, words(1, 0)), 95],
    ['a request without its fields', request(COMMANDS.getInfo, Buffer.alloc(3)), 22],
    [
      'a region that there is not',
      request(COMMANDS.getRegionInfo, words(32, 0, 9, 0, 0, 0, 0, 0)),
      22,
    ],
    [
      'a read of more than was agreed on',
      request(COMMANDS.regionRead, words(0, 0, 0, 0x100001)),
      22,
    ],
    ['a read beyond a region', request(COMMANDS.regionRead, words(0, 0x10000, 0, 4)), 22],
    ['an offset that is no number', request(COMMANDS.regionRead, words(0, 0xffffffff, 0, 4)), 22],
    ['a write without its data', request(COMMANDS.regionWrite, words(0, 0, 0, 4)), 22],
    [
      'an interrupt that the device does not have',
      request(COMMANDS.setIrqs, words(24, 0x24, 0, 0, 1)),
      22,
    ],
    [
      'as many interrupts as there are numbers',
      request(COMMANDS.setIrqs, words(24, 0x24, 0, 0, 0xffffffff)),
      22,
    ],
    ['an interrupt of no kind', request(COMMANDS.setIrqs, words(20, 0, 1, 0, 0)), 22],
  ])('%s', (_, bytes, errno) => {
    const ask = agreed();
    expect(ask(bytes).map(errnoOf)).toEqual([errno]);
    expect(ask(REQUESTS.at(6) ?? bytes).map(errnoOf)).toEqual([undefined]); // and it goes on
  });

  it('are not told to who wants no reply', () => {
    expect(agreed()(request(99, words(0), 0x10))).toEqual([]);
  });

  it.each([
    ['no version first', Buffer.from(REQUESTS[1] ?? '')],
    ['a reply', request(COMMANDS.version, words(0), 1)],
    ['a message shorter than a header', Buffer.from('0000010008000000' + '0'.repeat(16), 'hex')],
    ['a message longer than any', Buffer.from('00000100ffffffff' + '0'.repeat(16), 'hex')],
  ])('%s ends the conversation', (_, bytes) => {
    expect(() => [...new Conversation(mdpy()).replies(bytes)]).toThrow(ProtocolError);
  });
});

/** A device with an interrupt pin that is asserted when something is written to it. */
const interrupting = (bus: DeviceBus): DeviceModel => ({
  ids: { class: 0x07_00_02, vendor: 0x1234, product: 1 },
  interrupts: true,
  regions: new Map([
    [0, { size: 16, write: (_offset, _width, value) => bus.interrupt(value !== 0) }],
  ]),
  reset: () => bus.interrupt(false),
});

describe('interrupts', () => {
  const connect = request(COMMANDS.setIrqs, words(20, 0x24, 0, 0, 1));
  const unmask = request(COMMANDS.setIrqs, words(20, 0x11, 0, 0, 1));
  const raise = request(COMMANDS.regionWrite, words(0, 0, 0, 4, 1));
  const log: string[] = [];
  const eventfd = (name: string, isEvent = true): Descriptor => ({
    isEvent: () => isEvent,
    signal: () => log.push(`${name} signalled`),
    close: () => log.push(`${name} closed`),
  });
  const done = (): string[] => log.splice(0);

  it('come through the descriptor that was sent last, and descriptors are closed', () => {
    const ask = agreed(plugged(interrupting));
    ask(connect, [eventfd('a')]);
    ask(raise);
    expect(done()).toEqual(['a signalled']);
    ask(raise); // masked until it is unmasked
    expect(done()).toEqual([]);
    ask(unmask);
    expect(done()).toEqual(['a signalled']);
    ask(connect, [eventfd('b'), eventfd('c')]);
    expect(done()).toEqual(['b signalled', 'a closed', 'c closed']);
    ask(connect);
    expect(done()).toEqual(['b closed']);
    expect(errnoOf(ask(connect, [eventfd('file', false)])[0])).toBe(22);
    expect(done()).toEqual(['file closed']);
  });

  it('go to the message that a descriptor came with, which may not be whole yet', () => {
    const ask = agreed(plugged(interrupting));
    ask(Buffer.concat([raise, raise, connect.subarray(0, 9)]), [eventfd('a')]);
    expect(done()).toEqual([]);
    ask(connect.subarray(9));
    expect(done()).toEqual(['a signalled']);
  });

  it('end with the client', () => {
    const conversation = new Conversation(plugged(interrupting));
    for (const bytes of [VERSION, connect.subarray(0, 9)]) {
      expect([...conversation.replies(bytes, [eventfd('a')])].length).toBeLessThan(2);
    }
    expect(done()).toEqual(['a closed']);
    conversation.close();
    expect(done()).toEqual(['a closed']);
  });
});

it('whatever comes is answered in order, or ends the conversation', () => {
  const mutated = fc
    .tuple(
      fc.constantFrom(...REQUESTS),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(80)),
    )
    .map(([bytes, changes, cut]) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return cut === null ? copy : copy.subarray(0, cut);
    });
  const anything = fc.oneof(
    { weight: 4, arbitrary: mutated },
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(0xffffffff), { maxLength: 10 }))
      .map(([command, values]) => request(command, words(...values))),
  );
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), (messages) => {
      const conversation = new Conversation(mdpy());
      try {
        for (const bytes of [VERSION, ...messages]) {
          for (const reply of conversation.replies(bytes)) {
            expect(reply.bytes.readUInt32LE(4)).toBe(reply.bytes.length);
            expect(reply.bytes.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
            expect(reply.bytes.readUInt32LE(8) & ~0x20).toBe(1);
          }
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      } finally {
        conversation.close();
      }
    }),
  );
});
