import { type HostDevice, HostError, type HostParent } from '../host.ts';
import { typePath } from './paths.ts';
import { SysfsReader } from './reader.ts';

/**
 * A host whose kernel, or what stands for it, is spoken to by writing words to files of the tree. What happens then
 * is the subclass's: the kernel's answer, or the simulation of it.
 */
export abstract class SysfsBase extends SysfsReader {
  /**
   * Writes words to a file below the root, in one system call and creating nothing.
   * @throws HostError the errno with which the kernel refuses
   */
  abstract write(path: string, words: string): void;

  create(parent: HostParent, type: string, uuid: string): void {
    this.write(`${typePath(parent, type)}/create`, uuid);
  }

  remove(device: HostDevice): void {
    const path = `${device.path}/remove`;
    // The kernel would wait for the last close, in a sleep no signal ends.
    const holders = this.holders(device);
    if (holders.length > 0) throw new HostError('EBUSY', path, { written: '1', holders });
    this.write(path, '1');
  }

  setAttribute(device: HostDevice, name: string, value: string): void {
    this.write(this.attributeFile(device, name), value);
  }
}
