import { compareIds } from '../../drivers/type-order.ts';
import type { HostDevice, HostParent, HostType, Listing } from '../host.ts';
import { isFileName, type Tree } from '../tree.ts';
import { collect, unlessGone, type WriteFile } from './framework.ts';
import { type MdevLayout, typesPath } from './mdev-layout.ts';
import { typePath } from './paths.ts';
import { readTypeFiles } from './type-files.ts';
import { namesIfAny, readCount, readText, readTextIfAny } from './values.ts';

/** A directory for each type, as Linux has had since 4.10 (Documentation/driver-api/vfio-mediated-device.rst). */
export class DirectoryLayout implements MdevLayout {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  types(parent: HostParent): Listing<HostType> {
    const ids = namesIfAny(this.#tree, typesPath(parent.path));
    return collect(ids, (id) => this.type(parent, id), compareIds);
  }

  type(parent: HostParent, id: string): HostType | undefined {
    if (!isFileName(id)) return undefined;
    const path = typePath(parent, id);
    const tree = this.#tree;
    // Of most types nobody asks, and a placement asks thousands of times.
    let files: HostType['files'];
    return unlessGone(tree, path, () => ({
      id,
      name: readTextIfAny(tree, `${path}/name`),
      deviceApi: readText(tree, `${path}/device_api`),
      availableInstances: readCount(tree, `${path}/available_instances`),
      description: readTextIfAny(tree, `${path}/description`),
      get files() {
        return (files ??= readTypeFiles(tree, path));
      },
    }));
  }

  create(parent: HostParent, type: string, uuid: string, write: WriteFile): void {
    write(`${typePath(parent, type)}/create`, uuid);
  }

  remove(device: HostDevice, write: WriteFile): void {
    write(`${device.path}/remove`, '1');
  }
}
