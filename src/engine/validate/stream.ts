import { type Issue, NodedevError } from '../../errors.ts';
import { buildElement, childElements, type XmlElement } from '../../xml/element.ts';
import { decodeLoosely } from '../../xml/decode.ts';
import { readXml } from '../../xml/read.ts';
import { tokens } from '../../xml/tokens.ts';

const HEAD = '<stream>';
const TAIL = '</stream>';

/**
 * Reads text that is several documents one after the other, such as what `virt-nodedev hostdev` prints of a group. Locations are right
 * after {@link placeInStream}.
 *
 * @returns host devices together in one `<hostdevs>`, since they go to one VM, everything else by itself; undefined when
 * it is no such text
 */
export function readStream(
  input: string | Uint8Array,
  file: string | undefined,
): readonly XmlElement[] | undefined {
  const text = decodeLoosely(input);
  if (!hasSeveralRoots(text)) return undefined;
  let stream: XmlElement;
  try {
    stream = readXml(HEAD + text + TAIL, { file }).root;
  } catch (error) {
    if (error instanceof NodedevError) return undefined;
    throw error;
  }
  const elements = childElements(stream);
  const isText = stream.children.some((node) => node.kind === 'text' && node.text.trim() !== '');
  if (elements.length < 2 || isText) return undefined;
  const hostdevs = elements.filter(({ name }) => name === 'hostdev');
  const others = elements.filter(({ name }) => name !== 'hostdev');
  return hostdevs.length === 0 ? others : [buildElement('hostdevs', {}, hostdevs), ...others];
}

/** Whether a text, if it can be read at all, has several elements one after the other. */
function hasSeveralRoots(text: string): boolean {
  let depth = 0;
  let roots = 0;
  for (const { kind } of tokens(text)) {
    if (kind === 'close') depth -= 1;
    if (kind !== 'open' && kind !== 'empty') continue;
    if (depth === 0) roots += 1;
    if (roots > 1) return true;
    if (kind === 'open') depth += 1;
  }
  return false;
}

/** An issue of a stream's element, with its place in the text that was given. */
export function placeInStream(issue: Issue): Issue {
  const { location } = issue;
  if (location?.line !== 1) return issue;
  return { ...issue, location: { ...location, column: location.column - HEAD.length } };
}
