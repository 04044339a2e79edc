import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeviceModel, GuestMemory } from '../../../src/drivers/device-model.ts';
import { VfioDevice } from '../../../src/host/vfio/device.ts';
import { loadKoffi, NativeCalls } from '../../../src/host/vfio-user/native-calls.ts';
import { serveNative } from '../../../src/host/vfio-user/native-socket.ts';
import { servePlain } from '../../../src/host/vfio-user/plain-socket.ts';
import { HEADER_BYTES, ProtocolError } from '../../../src/host/vfio-user/messages.ts';
import { Conversation, type Service } from '../../../src/host/vfio-user/serving.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { arrayMemory } from '../vfio/plugged.ts';
import { answer, request, TestClient, VERSION, words } from './client.ts';

const DMA_MAP = request(2, words(32, 3, 0, 0, 0x10000, 0, 0x20000, 0));
const DMA_UNMAP = request(3, words(24, 0, 0x10000, 0, 0x20000, 0));
const UNMAP_ALL = request(3, words(24, 2, 0, 0, 0, 0));
const DOORBELL = request(10, words(0, 0, 0, 4, 0));

/** A device, and what it does when its register is written. */
function device(rung: (guest: GuestMemory) => Promise<unknown>): {
  readonly opened: VfioDevice;
  /** What each of them came to. */
  readonly results: Promise<unknown>[];
} {
  const results: Promise<unknown>[] = [];
  const plug = ({ guest }: { readonly guest: GuestMemory }): DeviceModel => ({
    ids: { class: 0, vendor: 0, product: 0 },
    interrupts: false,
    regions: new Map([
      [
        0,
        { size: 16, write: () => void results.push(rung(guest).catch((error: unknown) => error)) },
      ],
    ]),
    reset: () => undefined,
  });
  return { opened: new VfioDevice(plug, (_, size) => arrayMemory(size)), results };
}

const isRequest = (bytes: Buffer): boolean => (bytes.readUInt32LE(8) & 0xf) === 0;

/** A conversation in which the client has mapped its memory, and all that is sent to it. */
function mapped(rung: (guest: GuestMemory) => Promise<unknown>) {
  const { opened, results } = device(rung);
  const sent: Buffer[] = [];
  const conversation: Conversation = new Conversation(opened, undefined, () => {
    for (const { bytes } of conversation.requests()) sent.push(bytes);
  });
  const say = (bytes: Buffer): Buffer[] => {
    for (const reply of conversation.replies(bytes)) sent.push(reply.bytes);
    return sent.splice(0);
  };
  say(VERSION);
  say(DMA_MAP);
  return { say, sent, results, conversation };
}

describe('a device that reads', () => {
  it('is answered after the reply to what made it read', async () => {
    const { say, results } = mapped((guest) => guest.read(0x10010, 4));
    const [reply, asked = Buffer.alloc(HEADER_BYTES), ...rest] = say(DOORBELL);
    expect([reply?.readUInt16LE(2), isRequest(asked), rest]).toEqual([10, true, []]);
    expect(asked.readUInt16LE(2)).toBe(11);
    expect([...asked.subarray(HEADER_BYTES)]).toEqual([...words(0x10010, 0, 4, 0)]);
    say(answer(asked, Buffer.concat([words(0x10010, 0, 4, 0), Buffer.from([1, 2, 3, 4])])));
    expect(await results[0]).toEqual(new Uint8Array([1, 2, 3, 4]));
  });

  it.each<[what: string, reply: (asked: Buffer) => Buffer, errno: string]>([
    ['an errno', (asked) => answer(asked, Buffer.alloc(0), 14), 'EFAULT'],
    ['fewer bytes', (asked) => answer(asked, words(0x10010, 0, 4, 0)), 'EIO'],
    ['nothing', (asked) => answer(asked, Buffer.alloc(0)), 'EIO'],
  ])('is told when it is answered with %s', async (_what, reply, errno) => {
    const { say, results } = mapped((guest) => guest.read(0x10010, 4));
    const [, asked = Buffer.alloc(HEADER_BYTES)] = say(DOORBELL);
    say(reply(asked));
    expect(await results[0]).toMatchObject({ name: 'VfioError', errno });
  });

  it('is told when the client has gone', async () => {
    const { say, results, conversation } = mapped((guest) => guest.read(0x10010, 4));
    say(DOORBELL);
    conversation.close();
    expect(await results[0]).toMatchObject({ errno: 'ENODEV' });
  });

  it.each([
    ['mapped any more', DMA_UNMAP],
    ['mapped since all was unmapped', UNMAP_ALL],
  ])('reads nothing that is not %s', async (_what, unmap) => {
    const { say, results } = mapped((guest) => guest.read(0x10010, 4));
    expect(say(unmap).map((bytes) => bytes.length)).toEqual([HEADER_BYTES + 24]);
    expect(say(DOORBELL)).toHaveLength(1);
    expect(await results[0]).toMatchObject({ errno: 'EINVAL' });
  });

  it.each([
    ['all of a range', request(3, words(24, 2, 0x10000, 0, 0x20000, 0))],
    ['dirty pages', request(3, words(24, 1, 0x10000, 0, 0x20000, 0))],
  ])('reads on when the unmapping of %s is refused', (_what, unmap) => {
    const { say } = mapped((guest) => guest.read(0x10010, 4));
    expect(say(unmap)[0]?.readUInt32LE(12)).toBe(22);
    expect(say(DOORBELL)).toHaveLength(2);
  });

  it('leaves no more than 256 requests unanswered', async () => {
    const { say, results } = mapped((guest) => guest.read(0x10010, 4));
    const asked = Array.from({ length: 300 }, () => say(DOORBELL))
      .flat()
      .filter(isRequest);
    expect(new Set(asked.map((bytes) => bytes.readUInt16LE(0))).size).toBe(256);
    expect(await results[299]).toMatchObject({ errno: 'EBUSY' });
  });

  it('reads much in several messages', async () => {
    const { say, sent, results } = mapped((guest) => guest.read(0x10000, 0x1_8000));
    let [, asked] = say(DOORBELL);
    const sizes: number[] = [];
    while (asked !== undefined) {
      const count = asked.readUInt32LE(HEADER_BYTES + 8);
      sizes.push(count);
      const head = asked.subarray(HEADER_BYTES, HEADER_BYTES + 16);
      say(answer(asked, Buffer.concat([head, Buffer.alloc(count, sizes.length)])));
      await new Promise(setImmediate);
      [asked] = sent.splice(0);
    }
    const read = await results[0];
    expect(sizes).toEqual([0x1_0000, 0x8000]);
    expect(read instanceof Uint8Array && [read.length, read[0xffff], read[0x1_0000]]).toEqual([
      0x1_8000, 1, 2,
    ]);
  });
});

it('a device that writes sends its bytes', async () => {
  const { say, results } = mapped((guest) => guest.write(0x10010, new Uint8Array([7, 8])));
  const [, asked = Buffer.alloc(HEADER_BYTES)] = say(DOORBELL);
  expect(asked.readUInt16LE(2)).toBe(12);
  expect([...asked.subarray(HEADER_BYTES)]).toEqual([...words(0x10010, 0, 2, 0), 7, 8]);
  say(answer(asked, words(0x10010, 0, 2, 0)));
  expect(await results[0]).toBeUndefined();
});

it('a reply that answers nothing ends the conversation', () => {
  const { say } = mapped((guest) => guest.read(0x10010, 4));
  const [, asked = Buffer.alloc(HEADER_BYTES)] = say(DOORBELL);
  const wrong = answer(asked, Buffer.alloc(0), 5);
  wrong.writeUInt16LE(12, 2);
  expect(() => say(wrong)).toThrow(ProtocolError);
  say(answer(asked, Buffer.alloc(0), 5));
  expect(() => say(answer(asked, Buffer.alloc(0), 5))).toThrow(ProtocolError);
});

it.each<[name: string, serve: (path: string, service: Service) => ReturnType<typeof servePlain>]>([
  ['plain', servePlain],
  [
    'native',
    async (path, service) => serveNative(new NativeCalls(await loadKoffi()), path, service),
  ],
])('a device reads and writes its client by a %s socket', async (_name, serve) => {
  const path = join(temporaryFolder(), 'socket');
  // It asks again in its own time, when the client says nothing.
  const { opened } = device(async (guest) => {
    const bytes = await guest.read(0x10000, 2);
    await new Promise(setImmediate);
    await guest.write(0x20000, bytes.toReversed());
  });
  const served = await serve(path, {
    admit: () =>
      Promise.resolve({ device: opened, fileOf: () => undefined, gone: () => Promise.resolve() }),
    report: () => undefined,
  });
  onTestFinished(() => served.close());
  const client = await TestClient.connect(path);
  onTestFinished(() => client.close());
  await client.ask(VERSION);
  await client.ask(DMA_MAP);
  await client.ask(DOORBELL);
  const reading = await client.next();
  client.socket.write(
    answer(reading, Buffer.concat([words(0x10000, 0, 2, 0), Buffer.from([1, 2])])),
  );
  const writing = await client.next();
  expect([...writing.subarray(HEADER_BYTES)]).toEqual([...words(0x20000, 0, 2, 0), 2, 1]);
});
