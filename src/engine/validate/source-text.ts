import { decodeLoosely } from '../../xml/decode.ts';
import { rootName } from '../../xml/markup.ts';
import { documentKind } from './document.ts';

/** The lines of a text as locations count them: ended by LF, a byte order mark left out. */
export function sourceLines(text: string | Uint8Array): readonly string[] {
  return decodeLoosely(text)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));
}

/** Whether a text that need not be XML says `<domain`: good enough to say what was looked at. */
export function mentionsDomain(text: string | Uint8Array): boolean {
  return decodeLoosely(text).includes('<domain');
}

/** Whether the beginning of a file shows that it is no document of this library, by its root element. */
export function isOtherDocument(head: Uint8Array): boolean {
  const name = rootName(decodeLoosely(head));
  return name !== undefined && documentKind({ name }) === undefined;
}
