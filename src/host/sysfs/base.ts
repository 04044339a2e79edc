import { type HostDevice, HostError, type HostParent } from '../host.ts';
import { typePath } from './paths.ts';
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

  create(parent: HostParent, type: string, uuid: string): void {
    this.write(`${typePath(parent, type)}/create`, uuid);
  }

  remove(device: HostDevice): void {
    const path = `${device.path}/remove`;
    // The kernel would wait for the last close, and no signal ends this wait.
    const holders = this.holders(device);
    if (holders.length > 0) throw new HostError('EBUSY', path, { written: '1', holders });
    this.write(path, '1');
  }

  setAttribute(device: HostDevice, name: string, value: string): void {
    this.write(this.attributeFile(device, name), value);
  }
}
