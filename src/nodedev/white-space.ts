/** Without outer XML white space. `String.trim` would take away more: no-break spaces are text in XML. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Whether nothing but XML white space (XML 1.0, production S) stands in a text. */
export function isBlank(text: string): boolean {
  return trimWhiteSpace(text) === '';
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x09 || unit === 0x0d;
}
