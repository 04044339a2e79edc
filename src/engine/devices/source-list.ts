import { sourceInvalid } from '../wording/request-messages.ts';
import type { Sources, SourceText } from '../sources.ts';

/**
 * One source or several, as a list.
 *
 * @throws NodedevError `request-invalid`: a program without types gave something else, for instance bytes alone
 */
export function sourceList(sources: Sources): readonly SourceText[] {
  const list = isList(sources) ? sources : [sources];
  return list.map((source) => {
    if (typeof source === 'string') return { text: source };
    if (!hasText(source)) throw sourceInvalid();
    return source;
  });
}

/** The one source a method takes. @throws NodedevError `request-invalid` */
export function oneSource(source: string | SourceText): SourceText {
  const [one, ...others] = sourceList(source);
  if (one === undefined || others.length > 0) throw sourceInvalid();
  return one;
}

function hasText(source: unknown): boolean {
  if (typeof source !== 'object' || source === null || !('text' in source)) return false;
  return typeof source.text === 'string' || source.text instanceof Uint8Array;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(sources: Sources): sources is readonly (string | SourceText)[] {
  return Array.isArray(sources);
}
