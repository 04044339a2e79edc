const cell = new Int32Array(new SharedArrayBuffer(4));

/** Waits without giving anything else a turn: the host and the store are synchronous. */
export function sleep(milliseconds: number): void {
  Atomics.wait(cell, 0, 0, milliseconds);
}
