import { parseUuid } from '../nodedev/uuid.ts';
import { attributeSpans, pastName } from '../xml/markup.ts';
import { type Token, tokens } from '../xml/tokens.ts';

/** A uuid in a document. */
export interface UuidPlace {
  /** As the kernel writes it. */
  readonly uuid: string;
  /** Whether it is that of a domain; else it is a device's. */
  readonly ofDomain: boolean;
  readonly start: number;
  readonly end: number;
}

/** As uuids are printed, in paths too, and in names of node devices; the second has underscores for hyphens. */
const PRINTED =
  /(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])|(?<=\bmdev_)[0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12}(?![0-9a-f])/giu;

/** The uuids in texts and values of attributes of a document, which may be unfinished; those of comments are none. Linear. */
export function uuidPlaces(text: string): readonly UuidPlace[] {
  const path: string[] = [];
  return [...tokens(text)].flatMap((token) => {
    const { kind, start, end } = token;
    if (kind === 'close') path.pop();
    const name = kind === 'open' || kind === 'empty' ? nameOf(text, token) : undefined;
    if (kind === 'open') path.push(name ?? '');
    if (kind === 'text' || kind === 'section') {
      const ofDomain = path.length === 2 && path.join('/') === 'domain/uuid';
      return placesIn(text, start, end, ofDomain, path.at(-1) === 'uuid');
    }
    if (name === undefined) return [];
    return attributeSpans(text, start).flatMap((span) => {
      const value = text.indexOf('=', span.nameEnd) + 1;
      return placesIn(
        text,
        value,
        span.end,
        false,
        text.slice(span.start, span.nameEnd) === 'uuid',
      );
    });
  });
}

const nameOf = (text: string, { start }: Token): string =>
  text.slice(start + 1, pastName(text, start + 1));

function placesIn(
  text: string,
  start: number,
  end: number,
  ofDomain: boolean,
  isUuid: boolean,
): readonly UuidPlace[] {
  const part = text.slice(start, end);
  const place = (index: number, written: string): readonly UuidPlace[] => {
    const uuid = parseUuid(written.replaceAll('_', '-'));
    const from = start + index;
    return uuid === undefined ? [] : [{ uuid, ofDomain, start: from, end: from + written.length }];
  };
  const printed = [...part.matchAll(PRINTED)].flatMap(({ index, 0: written }) =>
    place(index, written),
  );
  if (printed.length > 0 || !isUuid) return printed;
  // What libvirt reads as one besides: without hyphens, or with others.
  const inner = /^["'\s]*(.*?)["'\s]*$/su.exec(part);
  const written = inner?.[1] ?? '';
  return place(part.indexOf(written), written);
}

/** A uuid in the form of the one it replaces. */
export const inFormOf = (written: string, uuid: string): string =>
  written.includes('_') ? uuid.replaceAll('-', '_') : uuid;
