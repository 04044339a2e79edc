import { crc32, deflateSync } from 'node:zlib';

/** A picture of pixels that are blue, green, red and an unused byte, as PNG (RFC 2083). */
export function png(pixels: Uint8Array, width: number, height: number): Buffer {
  const lines = Buffer.alloc(height * (1 + width * 3)); // each begins with its filter, 0
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 4;
      const to = y * (1 + width * 3) + 1 + x * 3;
      for (const channel of [0, 1, 2]) lines[to + channel] = pixels[from + 2 - channel] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits, RGB
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
