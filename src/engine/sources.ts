import type { Issue } from '../errors.ts';

export interface SourceText {
  readonly text: string | Uint8Array;
  /** The file's name for messages. */
  readonly file?: string | undefined;
}

/** One document, or several that belong together. */
export type Sources = string | SourceText | readonly (string | SourceText)[];

export interface ValidateSourcesOptions {
  /** `ours` (default), `libvirt` (those installed with libvirt), or the name of a RELAX NG file. */
  readonly schema?: string | undefined;
}

/** The issues of one document. */
export interface DocumentReport {
  /** The file's name, as the source gave it. */
  readonly file: string | undefined;
  /** Sorted by location. Warnings alone do not make a document invalid. */
  readonly issues: readonly Issue[];
}
