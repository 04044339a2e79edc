import { IRQ_SET } from './constants.ts';
import { VfioError } from './error.ts';

/** Tells who uses the device that an interrupt came: an eventfd of the kernel's interface. */
export type Signal = () => void;

/** The arguments of VFIO_DEVICE_SET_IRQS. */
export interface IrqSet {
  /** One action and one kind of data, of {@link IRQ_SET}. */
  readonly flags: number;
  readonly index: number;
  readonly start: number;
  readonly count: number;
  /** With `bool`: a byte for each interrupt. */
  readonly bools?: Uint8Array | undefined;
  /** With `eventfd`: one for each interrupt; undefined stands for -1, which disconnects. */
  readonly signals?: readonly (Signal | undefined)[] | undefined;
}

const ACTIONS = IRQ_SET.mask | IRQ_SET.unmask | IRQ_SET.trigger;
const KINDS = IRQ_SET.none | IRQ_SET.bool | IRQ_SET.eventfd;
const MAX_U32 = 0xffff_ffff;

/**
 * The checks that the kernel makes of all VFIO_DEVICE_SET_IRQS: vfio_set_irqs_validate_and_prepare (drivers/vfio/vfio_main.c).
 *
 * @param available the interrupts of the index
 * @throws VfioError EINVAL: unknown flags, interrupts that are not there, not exactly one kind of data, fewer data than `count`
 */
export function checkIrqSet(set: IrqSet, available: number): void {
  const { flags, start, count } = set;
  const refuse = (what: string) => new VfioError('EINVAL', `set irqs: ${what}`);
  if ((flags & ~(ACTIONS | KINDS)) !== 0) throw refuse(`flags 0x${flags.toString(16)}`);
  if (count >= MAX_U32 - start || start >= available || start + count > available) {
    throw refuse(`index ${set.index} has ${available}, not ${start} to ${start + count}`);
  }
  const given = dataOf(set);
  if (given === undefined) throw refuse('none or several kinds of data');
  if (given < count) throw refuse(`${given} values for ${count} interrupts`);
}

/** How many values there are; undefined when the kind of data is not one. */
function dataOf({ flags, count, bools, signals }: IrqSet): number | undefined {
  switch (flags & KINDS) {
    case IRQ_SET.none:
      return count;
    case IRQ_SET.bool:
      return bools?.length ?? 0;
    case IRQ_SET.eventfd:
      return signals?.length ?? 0;
    default:
      return undefined;
  }
}

/**
 * The interrupt pin of a PCI device as VFIO shows it: level triggered, and masked when it is signalled, until the user unmasks
 * it (linux/vfio.h, VFIO_IRQ_INFO_AUTOMASKED). If the device still asks then, it is signalled again.
 */
export class Intx {
  #signal: Signal | undefined;
  #isMasked = false;
  #asserted = false;

  /** The device's pin. */
  assert(asserted: boolean): void {
    this.#asserted = asserted;
    this.#deliver();
  }

  /**
   * Carries out what {@link checkIrqSet} let pass, as vfio_pci_set_irqs_ioctl (drivers/vfio/pci/vfio_pci_intrs.c).
   *
   * @throws VfioError EINVAL: the interrupt is not connected, or not exactly one is named; ENOTTY: another combination of action and
   * data, among them an eventfd that masks or unmasks
   */
  set(set: IrqSet): void {
    const { flags, count } = set;
    const action = flags & ACTIONS;
    if (action !== IRQ_SET.mask && action !== IRQ_SET.unmask && action !== IRQ_SET.trigger) {
      throw new VfioError('ENOTTY', 'set irqs: none or several actions');
    }
    const kind = flags & KINDS;
    if (action === IRQ_SET.trigger && kind === IRQ_SET.none && count === 0) {
      this.#connect(undefined);
      return;
    }
    const connects = action === IRQ_SET.trigger && kind === IRQ_SET.eventfd;
    if (count !== 1 || (!connects && this.#signal === undefined)) {
      throw new VfioError(
        'EINVAL',
        'set irqs: the interrupt is not connected, or not one is named',
      );
    }
    if (connects) this.#connect(set.signals?.[0]);
    else if (kind === IRQ_SET.eventfd) {
      throw new VfioError('ENOTTY', 'set irqs: eventfds that mask or unmask');
    } else if (kind === IRQ_SET.none || set.bools?.[0] !== 0) this.#do(action);
  }

  /** Forgets who is connected, when the device is closed. */
  disconnect(): void {
    this.#connect(undefined);
  }

  #connect(signal: Signal | undefined): void {
    this.#signal = signal;
    this.#isMasked = false;
    this.#deliver();
  }

  #do(action: number): void {
    if (action === IRQ_SET.trigger) this.#signal?.();
    else {
      this.#isMasked = action === IRQ_SET.mask;
      this.#deliver();
    }
  }

  #deliver(): void {
    if (!this.#asserted || this.#isMasked || this.#signal === undefined) return;
    this.#isMasked = true;
    this.#signal();
  }
}
