import {
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { DeviceMemory } from '../../drivers/device-model.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/** The memory of a device's regions in files, which a client can map. They are sparse, and go when the device is closed. */
export class MemoryFiles {
  readonly #base: string;
  readonly #files = new Map<number, { readonly path: string; readonly fd: number }>();

  /** @param base the files' path, to which `.region0` is added */
  constructor(base: string) {
    this.#base = base;
  }

  /** Zeroed memory of a region. */
  create(region: number, size: number): DeviceMemory {
    const path = `${this.#base}.region${region}`;
    removeIfThere(path); // of a process that was killed
    const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#files.set(region, { path, fd });
    ftruncateSync(fd, size);
    return {
      size,
      read: (offset, count) => {
        const bytes = new Uint8Array(count); // zeros, where a client has cut the file
        readSync(fd, bytes, 0, count, offset);
        return bytes;
      },
      write: (offset, bytes) => {
        writeSync(fd, bytes, 0, bytes.length, offset);
      },
    };
  }

  /** The descriptor of a region's memory; undefined: it has none. */
  descriptor(region: number): number | undefined {
    return this.#files.get(region)?.fd;
  }

  close(): void {
    for (const { path, fd } of this.#files.values()) {
      closeSync(fd);
      removeIfThere(path);
    }
    this.#files.clear();
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
