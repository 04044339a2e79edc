import { errnoNumber } from '../errno.ts';
import { IRQ_SET, REGION_FLAG, UNMAP_ALL } from '../vfio/constants.ts';
import type { VfioDevice } from '../vfio/device.ts';
import type { MappedMemory } from '../vfio/dma.ts';
import { VfioError } from '../vfio/error.ts';
import {
  COMMANDS,
  encodeError,
  encodeReply,
  MAX_DATA_BYTES,
  MAX_DESCRIPTORS,
  type Message,
  ProtocolError,
} from './messages.ts';
import { regionInfoBody } from './region-info.ts';

/** A descriptor that came with a message. */
export interface Descriptor {
  /** Whether it is an eventfd. */
  isEvent(): boolean;
  /** Adds 1 to an eventfd. */
  signal(): void;
  close(): void;
}

/** What goes back to the client. */
export interface Reply {
  readonly bytes: Buffer;
  /** The file of a region's memory, which goes with it. */
  readonly descriptor?: number | undefined;
}

/** The lengths of the requests' fixed parts. */
const VERSION_BYTES = 4;
const DMA_MAP_BYTES = 32;
const DMA_UNMAP_BYTES = 24;
const INFO_BYTES = 16;
const REGION_INFO_BYTES = 32;
const IRQ_SET_BYTES = 20;
const ACCESS_BYTES = 16;

/** No descriptor stands for -1 of each: they are disconnected. */
const NO_SIGNALS: readonly undefined[] = Array.from({ length: MAX_DESCRIPTORS }, () => undefined);

const CAPABILITIES = {
  capabilities: { max_msg_fds: MAX_DESCRIPTORS, max_data_xfer_size: MAX_DATA_BYTES },
};

/**
 * One client of a device: what vfio-user's commands are to VFIO's device interface (QEMU docs/interop/vfio-user.rst). It does no
 * input and output.
 */
export class Session {
  readonly #device: VfioDevice;
  readonly #fileOf: (region: number) => number | undefined;
  readonly #memory: MappedMemory;
  #isAgreed = false;
  #irq: Descriptor | undefined;

  /**
   * @param fileOf the descriptor of a region's memory, where the client can be given one
   * @param memory the client's, wherever it is mapped
   */
  constructor(
    device: VfioDevice,
    fileOf: (region: number) => number | undefined,
    memory: MappedMemory,
  ) {
    this.#device = device;
    this.#fileOf = fileOf;
    this.#memory = memory;
  }

  /**
   * Carries out a request. What it refuses is an error's reply, with the kernel's errno.
   *
   * @param descriptors those of the message; the session closes them
   * @returns undefined: no reply is wanted
   * @throws ProtocolError when nothing more can be said to this client
   */
  answer(message: Message, descriptors: readonly Descriptor[] = []): Reply | undefined {
    if (!this.#isAgreed && message.command !== COMMANDS.version) {
      throw new ProtocolError('the first message is no version');
    }
    let kept: Descriptor | undefined;
    try {
      if (message.command === COMMANDS.setIrqs) kept = this.#setIrqs(message.body, descriptors);
      const { body, descriptor } = this.#bodyFor(message);
      return message.wantsReply ? { bytes: encodeReply(message, body), descriptor } : undefined;
    } catch (error) {
      if (!(error instanceof VfioError)) throw error;
      const errno = errnoNumber(error.errno) ?? 0;
      return message.wantsReply ? { bytes: encodeError(message, errno) } : undefined;
    } finally {
      for (const each of descriptors) if (each !== kept) each.close();
    }
  }

  /** Closes the device and what came from the client. */
  close(): void {
    this.#device.close();
    this.#irq?.close();
    this.#irq = undefined;
  }

  #bodyFor({ command, body }: Message): { body: Buffer; descriptor?: number | undefined } {
    switch (command) {
      case COMMANDS.version:
        return { body: this.#version(body) };
      case COMMANDS.dmaMap:
        this.#map(body);
        return { body: Buffer.alloc(0) };
      case COMMANDS.dmaUnmap:
        this.#unmap(body);
        return { body: body.subarray(0, DMA_UNMAP_BYTES) };
      case COMMANDS.getInfo:
        return { body: this.#info(body) };
      case COMMANDS.getRegionInfo:
        return this.#regionInfo(body);
      case COMMANDS.getIrqInfo:
        return { body: this.#irqInfo(body) };
      case COMMANDS.setIrqs: // done, see above
        return { body: Buffer.alloc(0) };
      case COMMANDS.regionRead:
        return { body: this.#read(body) };
      case COMMANDS.regionWrite:
        return { body: this.#write(body) };
      case COMMANDS.reset:
        this.#device.reset();
        return { body: Buffer.alloc(0) };
      default:
        throw new VfioError('ENOTSUP', `command ${command}`);
    }
  }

  /** The reply is not longer than the request: QEMU takes no longer one. */
  #version(body: Buffer): Buffer {
    need(body, VERSION_BYTES);
    if (this.#isAgreed || body.readUInt16LE(0) !== 0) throw new VfioError('EINVAL', 'version');
    this.#isAgreed = true;
    const data = Buffer.from(`${JSON.stringify(CAPABILITIES)}\0`);
    const version = Buffer.alloc(VERSION_BYTES); // 0.0
    return data.length + VERSION_BYTES > body.length ? version : Buffer.concat([version, data]);
  }

  /** The descriptor that may come with it is not used: the memory is reached by messages. */
  #map(body: Buffer): void {
    need(body, DMA_MAP_BYTES);
    const flags = body.readUInt32LE(4);
    const [iova, size] = [number(body, 16), number(body, 24)];
    this.#device.map({ iova, size, flags, memory: this.#memory });
  }

  /** The specification has no flags; QEMU sends the kernel's, and the kernel's rules hold (vfio_dma_do_unmap). */
  #unmap(body: Buffer): void {
    need(body, DMA_UNMAP_BYTES);
    const flags = body.readUInt32LE(4);
    const [iova, size] = [number(body, 8), number(body, 16)];
    if (flags === 0) this.#device.unmap(iova, size);
    else if (flags === UNMAP_ALL && iova === 0 && size === 0) this.#device.unmapAll();
    else throw new VfioError('EINVAL', `unmap: flags 0x${flags.toString(16)}`);
  }

  #info(body: Buffer): Buffer {
    need(body, INFO_BYTES);
    const { flags, regions, irqs } = this.#device.info();
    return words(INFO_BYTES, flags, regions, irqs);
  }

  #regionInfo(body: Buffer): { body: Buffer; descriptor?: number | undefined } {
    need(body, REGION_INFO_BYTES);
    const index = body.readUInt32LE(8);
    const info = this.#device.regionInfo(index);
    const isMapped = (info.flags & REGION_FLAG.mmap) !== 0;
    const descriptor = isMapped ? this.#fileOf(index) : undefined;
    const whole = regionInfoBody(index, info, descriptor !== undefined);
    const room = body.readUInt32LE(0);
    return { body: room < whole.length ? whole.subarray(0, REGION_INFO_BYTES) : whole, descriptor };
  }

  #irqInfo(body: Buffer): Buffer {
    need(body, INFO_BYTES);
    const index = body.readUInt32LE(8);
    const { flags, count } = this.#device.irqInfo(index);
    return words(INFO_BYTES, flags, index, count);
  }

  /** @returns the descriptor that is kept */
  #setIrqs(body: Buffer, descriptors: readonly Descriptor[]): Descriptor | undefined {
    need(body, IRQ_SET_BYTES);
    const [flags = 0, index = 0, start = 0, count = 0] = [4, 8, 12, 16].map((at) =>
      body.readUInt32LE(at),
    );
    // As eventfd_ctx_fdget of the kernel.
    if (!descriptors.every((each) => each.isEvent())) throw new VfioError('EINVAL', 'no eventfd');
    const signals = descriptors.map((each) => () => each.signal());
    this.#device.setIrqs({
      flags,
      index,
      start,
      count,
      bools: body.subarray(IRQ_SET_BYTES),
      signals: signals.length > 0 ? signals : NO_SIGNALS,
    });
    if ((flags & IRQ_SET.trigger) === 0) return undefined;
    const connects = (flags & IRQ_SET.eventfd) !== 0;
    const disconnects = (flags & IRQ_SET.none) !== 0 && count === 0;
    if (!connects && !disconnects) return undefined;
    this.#irq?.close();
    this.#irq = connects ? descriptors[0] : undefined;
    return this.#irq;
  }

  #read(body: Buffer): Buffer {
    const { offset, region, count } = access(body);
    const data = this.#device.read(region, offset, count);
    const reply = Buffer.alloc(ACCESS_BYTES + data.length);
    body.copy(reply, 0, 0, ACCESS_BYTES - 4);
    reply.writeUInt32LE(data.length, ACCESS_BYTES - 4);
    reply.set(data, ACCESS_BYTES);
    return reply;
  }

  #write(body: Buffer): Buffer {
    const { offset, region, count } = access(body);
    need(body, ACCESS_BYTES + count);
    const data = body.subarray(ACCESS_BYTES, ACCESS_BYTES + count);
    const written = this.#device.write(region, offset, data);
    const reply = Buffer.from(body.subarray(0, ACCESS_BYTES));
    reply.writeUInt32LE(written, ACCESS_BYTES - 4);
    return reply;
  }
}

/** @throws VfioError EINVAL for a request that is too short */
function need(body: Buffer, bytes: number): void {
  if (body.length < bytes) throw new VfioError('EINVAL', `a request of ${body.length} bytes`);
}

/** A number of 64 bits. @throws VfioError EINVAL for one beyond 2^53 */
function number(body: Buffer, at: number): number {
  const value = Number(body.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new VfioError('EINVAL', `${value}`);
  return value;
}

/** Where a read or write goes. @throws VfioError EINVAL */
function access(body: Buffer): { offset: number; region: number; count: number } {
  need(body, ACCESS_BYTES);
  const offset = number(body, 0);
  const count = body.readUInt32LE(12);
  if (count > MAX_DATA_BYTES) throw new VfioError('EINVAL', `${count} bytes`);
  return { offset, region: body.readUInt32LE(8), count };
}

/** A structure of that many bytes: its size, then these words. */
function words(bytes: number, ...values: readonly number[]): Buffer {
  const body = Buffer.alloc(bytes);
  for (const [index, value] of [bytes, ...values].entries()) body.writeUInt32LE(value, index * 4);
  return body;
}
