import type { DocumentKind } from '../engine/validate/own-schemas.ts';
import { rootName } from '../xml/markup.ts';

const KINDS: Readonly<Record<string, DocumentKind>> = {
  domain: 'domain',
  device: 'device',
  devices: 'device',
  host: 'host',
};

/** The names of the root elements. */
export const ROOTS = Object.keys(KINDS);

/** The kind of a document by its root element; undefined: none of ours, as editors have other XML too. */
export const kindOf = (text: string): DocumentKind | undefined => KINDS[rootName(text) ?? ''];
