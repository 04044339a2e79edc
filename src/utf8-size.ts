const encoder = new TextEncoder();

/** Whether a text has more bytes than this in UTF-8. A code unit is three bytes at most, so mostly none is counted. */
export function isLargerThan(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && utf8Size(text) > bytes;
}

/** Bytes of a text in UTF-8. */
export function utf8Size(text: string): number {
  return encoder.encode(text).length;
}
