/** The number of the root of a file system. */
export const ROOT_NODE = 1;

/**
 * The numbers by which the kernel knows files, with their paths: `/` is the root. A number is kept as long as the kernel
 * does: each reply that names it counts, and the kernel says how many of them it has forgotten. What is removed and not looked for again
 * it forgets when it needs its memory, or when the mount is mounted anew (`-o remount`): measured, 200 bytes for each file,
 * given back then. So memory grows with what the kernel keeps in its own cache, and not beyond it.
 */
export class Nodes {
  readonly #byNumber = new Map<number, { readonly path: string; count: number }>();
  readonly #byPath = new Map<string, number>();
  #next = ROOT_NODE + 1;

  /** How many there are, without the root. */
  get size(): number {
    return this.#byNumber.size;
  }

  /** The path of a file; undefined: the kernel has never had this number, or has forgotten it. */
  path(node: number): string | undefined {
    return node === ROOT_NODE ? '/' : this.#byNumber.get(node)?.path;
  }

  /** The number of a path, for a reply that names it. */
  name(path: string): number {
    const node = this.#byPath.get(path) ?? this.#next;
    const known = this.#byNumber.get(node);
    if (known === undefined) {
      this.#byNumber.set(node, { path, count: 1 });
      this.#byPath.set(path, node);
      this.#next += 1;
    } else known.count += 1;
    return node;
  }

  forget(node: number, count: number): void {
    const known = this.#byNumber.get(node);
    if (known === undefined) return;
    known.count -= count;
    if (known.count > 0) return;
    this.#byNumber.delete(node);
    this.#byPath.delete(known.path);
  }
}
