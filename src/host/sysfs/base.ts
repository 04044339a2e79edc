import { type HostDevice, HostError, type HostParent } from '../host.ts';
import { SysfsReader } from './reader.ts';

/**
 * A host that is changed by writing texts to files of the tree. The subclass makes the writes: to the kernel, or to the
 * simulation of it.
 */
export abstract class SysfsBase extends SysfsReader {
  /**
   * Writes a text to an existing file below the root, in one system call.
   * @throws HostError with the kernel's errno
   */
  abstract write(path: string, words: string): void;

  readonly #write = (path: string, words: string): void => {
    this.write(path, words);
  };

  create(parent: HostParent, type: string, uuid: string): void {
    this.frameworkOf(parent).create(parent, type, uuid, this.#write);
  }

  remove(device: HostDevice): void {
    // A kernel would wait for the last close, and no signal ends this wait.
    const holders = this.holders(device);
    const unlessHeld = (path: string, written: string): void => {
      if (holders.length > 0) throw new HostError('EBUSY', path, { written, holders });
      this.write(path, written);
    };
    this.frameworkOf(device.ref).remove(device, unlessHeld);
  }

  setAttribute(device: HostDevice, name: string, value: string): void {
    this.write(this.attributeFile(device, name), value);
  }
}
