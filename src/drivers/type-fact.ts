/** Something a driver's types have: an item of {@link Driver.attributes} under the names people use. */
export interface TypeFact {
  /** In listings as data: `videoMemory`. */
  readonly key: string;
  /** In criteria: `video-memory`. */
  readonly name: string;
  /** The item's name, which criteria take too: `video_memory`. */
  readonly attribute: string;
  readonly aliases?: readonly string[] | undefined;
  /** `memory` is in bytes; the item is in KiB. */
  readonly kind: 'memory' | 'number';
  readonly summary: string;
}

/** What a driver reads in its types' names. */
export interface TypeName {
  /** The name without what all of its vendor's have. */
  readonly shortName: string;
  /** The board the type is for. */
  readonly board?: string | undefined;
  /** What the type is licensed for. */
  readonly series?: string | undefined;
}
