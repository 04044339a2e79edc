/** The text without XML white space around it. `String.trim` also removes no-break spaces, which are text in XML. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Whether a text is empty or has only XML white space (XML 1.0, production S). */
export function isBlank(text: string): boolean {
  return trimWhiteSpace(text) === '';
}

function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x09 || unit === 0x0d;
}
