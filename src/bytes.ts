/** A program without types may give anything, and a frame or a context of Node's vm has a Uint8Array of its own. */
export const isBytes = (input: unknown): input is Uint8Array =>
  ArrayBuffer.isView(input) && 'BYTES_PER_ELEMENT' in input && input.BYTES_PER_ELEMENT === 1;
