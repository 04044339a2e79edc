/** The value of an access, made of its bytes, the lowest first. */
export function joinBytes(width: number, byteAt: (index: number) => number): number {
  let value = 0;
  for (let index = 0; index < width; index += 1) value += byteAt(index) * 2 ** (8 * index);
  return value;
}

/** A byte of such a value. */
export const byteOf = (value: number, index: number): number => (value >>> (8 * index)) & 0xff;
