import { HEADER_BYTES, messageSize } from './messages.ts';

/** Cuts a stream of bytes into messages. It keeps at most one message, whose size its header has said. */
export class Frames {
  /** The message that is not whole yet: first room for its header, then for all of it. */
  #message = Buffer.alloc(HEADER_BYTES);
  #filled = 0;
  #rest = 0;

  /** How many of the bytes that were given stand after the message that was taken last. */
  get rest(): number {
    return this.#rest;
  }

  /**
   * The messages that are whole with these bytes. They may stand in `bytes`: they are to be used before that is written
   * to again.
   *
   * @throws ProtocolError for a message of no possible size
   */
  *take(bytes: Buffer): Generator<Buffer> {
    this.#rest = bytes.length;
    while (this.#rest > 0) {
      const next = bytes.subarray(bytes.length - this.#rest);
      if (this.#filled === 0 && next.length >= HEADER_BYTES) {
        const size = messageSize(next);
        if (size <= next.length) {
          this.#rest -= size;
          yield next.subarray(0, size);
          continue;
        }
      }
      const copied = next.copy(this.#message, this.#filled);
      this.#rest -= copied;
      this.#filled += copied;
      if (this.#filled < this.#message.length) continue;
      const whole = this.#message;
      const wanted = messageSize(whole);
      if (whole.length < wanted) {
        this.#message = Buffer.alloc(wanted);
        whole.copy(this.#message);
        continue;
      }
      this.#message = Buffer.alloc(HEADER_BYTES);
      this.#filled = 0;
      yield whole;
    }
  }
}
