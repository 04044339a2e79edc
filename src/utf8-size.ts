const encoder = new TextEncoder();

/** Whether a text has more than so many bytes in UTF-8. A code unit has at most three bytes, so bytes are rarely counted. */
export function isLargerThan(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && utf8Size(text) > bytes;
}

/** Bytes of a text in UTF-8. */
export function utf8Size(text: string): number {
  return encoder.encode(text).length;
}
