import { VfioError } from './error.ts';

/**
 * The pages that a VM has locked for its devices, against its limit (RLIMIT_MEMLOCK). A page that several devices have pinned
 * counts once, as in the kernel, where they share a container (vfio_iommu_type1's "Add support for mediated devices", 2016).
 */
export class LockedMemory {
  readonly #limit: number;
  /** By page, how many devices have it pinned. */
  readonly #devices = new Map<number, number>();

  /** @param limit in pages; absent: none */
  constructor(limit = Infinity) {
    this.#limit = limit;
  }

  get pages(): number {
    return this.#devices.size;
  }

  /** @throws VfioError ENOMEM: the limit is reached */
  add(page: number): void {
    const devices = this.#devices.get(page) ?? 0;
    if (devices === 0 && this.pages >= this.#limit) {
      throw new VfioError('ENOMEM', `pin: the limit is ${this.#limit} pages`);
    }
    this.#devices.set(page, devices + 1);
  }

  remove(page: number): void {
    const devices = this.#devices.get(page) ?? 0;
    if (devices > 1) this.#devices.set(page, devices - 1);
    else this.#devices.delete(page);
  }
}
