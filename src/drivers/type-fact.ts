/** A fact about a driver's types: an item of {@link Driver.attributes}, with names for users. */
export interface TypeFact {
  /** Its name in JSON: `videoMemory`. */
  readonly key: string;
  /** Its name in criteria: `video-memory`. */
  readonly name: string;
  /** The item's name, which is also allowed in criteria: `video_memory`. */
  readonly attribute: string;
  readonly aliases?: readonly string[] | undefined;
  /** `memory` is in bytes; the item is in KiB. */
  readonly kind: 'memory' | 'number';
  readonly summary: string;
}

/** The facts in the name of a type. */
export interface TypeName {
  /** The name without the prefix that all names of the vendor have. */
  readonly shortName: string;
  /** The board of the type. */
  readonly board?: string | undefined;
  /** The licence of the type. */
  readonly series?: string | undefined;
}
