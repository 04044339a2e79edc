import { documentKind } from '../engine/validate/document.ts';
import type { DocumentKind } from '../engine/validate/own-schemas.ts';
import { rootName } from '../xml/markup.ts';

/** The kind of a document by its root element; undefined: none of ours, as editors have other XML too. */
export const kindOf = (text: string): DocumentKind | undefined =>
  documentKind({ name: rootName(text) ?? '' });
