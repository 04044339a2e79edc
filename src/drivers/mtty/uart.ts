// A 16550 UART (PC16550D data sheet, National Semiconductor 1995: table II has the registers and their bits).

/** Registers; the first two are the divisor's bytes while LCR's highest bit is set, others are two when read and written. */
const REGISTER = {
  data: 0,
  ier: 1,
  iirFcr: 2,
  lcr: 3,
  mcr: 4,
  lsr: 5,
  msr: 6,
  scratch: 7,
} as const;
const IER = { received: 0x01, transmitted: 0x02, lineStatus: 0x04, modemStatus: 0x08 } as const;
/** By falling priority (table IV). */
const IIR = {
  none: 0x01,
  lineStatus: 0x06,
  received: 0x04,
  timeout: 0x0c,
  transmitted: 0x02,
  modemStatus: 0x00,
} as const;
const IIR_FIFOS = 0xc0;
const FCR = { enable: 0x01, clearReceiver: 0x02 } as const;
const LCR = { bits: 0x03, break: 0x40, divisor: 0x80 } as const;
const MCR = { dtr: 0x01, rts: 0x02, out1: 0x04, out2: 0x08, loop: 0x10, all: 0x1f } as const;
const LSR = {
  ready: 0x01,
  overrun: 0x02,
  /** Overrun, parity, framing, break. */
  errors: 0x1e,
  break: 0x10,
  empty: 0x60,
  fifoError: 0x80,
} as const;
const MSR = { cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80, lines: 0xf0, changed: 0x0f } as const;

const FIFO_SIZE = 16;
/** Of the receiver's FIFO, by FCR's two highest bits. */
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;

interface Received {
  readonly byte: number;
  /** Bits of LSR. */
  readonly error: number;
}

/**
 * A 16550 with a loopback plug: what it sends it receives, RTS is its CTS, DTR its DSR and DCD. Nothing takes time: a
 * transmitter is empty at once, and a receiver's timeout passes at once.
 */
export class Uart {
  readonly #tellInterrupt: () => void;
  #ier = 0;
  #fcr = 0;
  #lcr = 0;
  #mcr = 0;
  #scratch = 0;
  #divisor = [0, 0];
  /** The errors in LSR. */
  #errors = 0;
  #msr = 0;
  /** Whether the transmitter became empty, and nobody has seen it in IIR yet. */
  #isEmptied = false;
  #received: readonly Received[] = [];

  /** @param tellInterrupt is called after all that can change {@link interrupts} */
  constructor(tellInterrupt: () => void) {
    this.#tellInterrupt = tellInterrupt;
  }

  /** As after a master reset (table III). The scratch register, the divisor and what was received are not kept either. */
  reset(): void {
    this.#ier = this.#fcr = this.#lcr = this.#mcr = this.#scratch = this.#errors = this.#msr = 0;
    this.#divisor = [0, 0];
    this.#isEmptied = false;
    this.#received = [];
    this.#tellInterrupt();
  }

  /** Whether it asks for an interrupt. */
  get interrupts(): boolean {
    return this.#cause() !== IIR.none;
  }

  read(register: number): number {
    const value = this.#read(register);
    this.#tellInterrupt();
    return value;
  }

  write(register: number, value: number): void {
    this.#write(register, value);
    this.#tellInterrupt();
  }

  #read(register: number): number {
    if (register <= REGISTER.ier && this.#lcr & LCR.divisor) return this.#divisor[register] ?? 0;
    switch (register) {
      case REGISTER.data:
        return this.#take();
      case REGISTER.ier:
        return this.#ier;
      case REGISTER.iirFcr: {
        const cause = this.#cause();
        if (cause === IIR.transmitted) this.#isEmptied = false;
        return cause | (this.#hasFifos ? IIR_FIFOS : 0);
      }
      case REGISTER.lcr:
        return this.#lcr;
      case REGISTER.mcr:
        return this.#mcr;
      case REGISTER.lsr:
        return this.#takeLineStatus();
      case REGISTER.msr: {
        const value = this.#msr;
        this.#msr &= MSR.lines;
        return value;
      }
      default:
        return this.#scratch;
    }
  }

  #write(register: number, value: number): void {
    if (register <= REGISTER.ier && this.#lcr & LCR.divisor) {
      this.#divisor[register] = value;
      return;
    }
    switch (register) {
      case REGISTER.data:
        this.#receive({ byte: value & (0xff >> (3 - (this.#lcr & LCR.bits))), error: 0 });
        this.#isEmptied = true;
        return;
      case REGISTER.ier: {
        // Who enables it while the transmitter is empty is told so.
        const enables = value & ~this.#ier;
        if (enables & IER.transmitted) this.#isEmptied = true;
        this.#ier = value & 0x0f;
        return;
      }
      case REGISTER.iirFcr:
        this.#control(value);
        return;
      case REGISTER.lcr: {
        const breaks = value & ~this.#lcr & LCR.break;
        this.#lcr = value;
        if (breaks !== 0) this.#receive({ byte: 0, error: LSR.break });
        return;
      }
      case REGISTER.mcr:
        this.#mcr = value & MCR.all;
        this.#setLines();
        return;
      case REGISTER.scratch:
        this.#scratch = value;
    }
  }

  get #hasFifos(): boolean {
    return (this.#fcr & FCR.enable) !== 0;
  }

  /** FCR: without its first bit the others are not programmed; a change of that bit empties the FIFOs. */
  #control(value: number): void {
    const changes = (value ^ this.#fcr) & FCR.enable;
    if (changes !== 0 || value & FCR.clearReceiver) this.#received = [];
    this.#fcr = value & FCR.enable ? value : 0;
  }

  /** With FIFOs what finds no room is lost; without them it replaces what was not read. Both are overruns. */
  #receive(received: Received): void {
    const room = this.#hasFifos ? FIFO_SIZE : 1;
    if (this.#received.length >= room) this.#errors |= LSR.overrun;
    if (this.#received.length < room) this.#received = [...this.#received, received];
    else if (!this.#hasFifos) this.#received = [received];
    this.#errors |= this.#received[0]?.error ?? 0;
  }

  #take(): number {
    const [first, ...rest] = this.#received;
    this.#received = rest;
    this.#errors |= rest[0]?.error ?? 0;
    return first?.byte ?? 0;
  }

  #takeLineStatus(): number {
    const hasFifoError = this.#hasFifos && this.#received.some(({ error }) => error !== 0);
    const value =
      LSR.empty |
      this.#errors |
      (this.#received.length > 0 ? LSR.ready : 0) |
      (hasFifoError ? LSR.fifoError : 0);
    this.#errors = 0;
    const [first, ...rest] = this.#received;
    if (first !== undefined) this.#received = [{ ...first, error: 0 }, ...rest];
    return value;
  }

  /** The modem's lines, from the plug, or in loopback mode from the outputs. What changed stands in MSR until it is read. */
  #setLines(): void {
    const loops = (this.#mcr & MCR.loop) !== 0;
    const carrier = loops ? MCR.out2 : MCR.dtr;
    const lines =
      (this.#mcr & MCR.rts ? MSR.cts : 0) |
      (this.#mcr & MCR.dtr ? MSR.dsr : 0) |
      (loops && this.#mcr & MCR.out1 ? MSR.ri : 0) |
      (this.#mcr & carrier ? MSR.dcd : 0);
    const changed = (lines ^ this.#msr) & MSR.lines;
    // Of the ring indicator only its end counts.
    const counts = changed & ~(lines & MSR.ri);
    this.#msr = lines | (this.#msr & MSR.changed) | (counts >> 4);
  }

  #cause(): number {
    if (this.#ier & IER.lineStatus && this.#errors & LSR.errors) return IIR.lineStatus;
    if (this.#ier & IER.received && this.#received.length > 0) {
      const level = this.#hasFifos ? (TRIGGER_LEVELS[this.#fcr >> 6] ?? 1) : 1;
      return this.#received.length >= level ? IIR.received : IIR.timeout;
    }
    if (this.#ier & IER.transmitted && this.#isEmptied) return IIR.transmitted;
    if (this.#ier & IER.modemStatus && this.#msr & MSR.changed) return IIR.modemStatus;
    return IIR.none;
  }
}
