import { printable, UNSAFE_IN_LINES } from '../terminal-text.ts';

// All output of the command passes through here. It has parts of documents, file names, arguments and files of other
// programs. None of these may control a terminal, change the direction of text, or begin a new line.

/** A value with all strings printable. Usually nothing has to be changed; then it is the value itself. */
export function shown<T>(value: T): T;
export function shown(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) {
    const given: readonly unknown[] = value;
    const all = given.map((each) => shown(each));
    return all.some((each, index) => each !== given[index]) ? all : given;
  }
  if (typeof value !== 'object' || value === null) return value;
  const before = Object.entries(value);
  const after = before.map(
    ([key, each]: readonly [string, unknown]) => [key, shown(each)] as const,
  );
  return after.some(([, each], index) => each !== before[index]?.[1])
    ? Object.fromEntries(after)
    : value;
}

/** Text of several lines that are our own. */
export function shownLines(text: string): string {
  return text.replaceAll(UNSAFE_IN_LINES, printable);
}

/** JSON with control characters as escapes: the same value for a program. */
export function shownJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE_IN_LINES, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** XML with control characters as references: the same document for a reader. */
export function shownXml(xml: string): string {
  return xml.replaceAll(UNSAFE_IN_LINES, (character) =>
    character === '\t' ? character : `&#x${character.codePointAt(0)?.toString(16) ?? ''};`,
  );
}
