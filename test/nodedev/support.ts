import { NodedevError } from '../../src/errors.ts';
import { parseNodeDevice } from '../../src/nodedev/parse.ts';

/** The device without the places and the layout of its kept elements: what documents that say the same share. */
export function withoutLayout(value: unknown): unknown {
  if (Array.isArray(value)) {
    const elements = value.filter(isElement);
    return (elements.length > 0 ? elements : value).map(withoutLayout);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, held]) => key !== 'location' && key !== 'range' && held !== undefined)
      .map(([key, held]) => [key, withoutLayout(held)]),
  );
}

function isElement(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'kind') === 'element';
}

/** The document, the place of the mistake, the message, and words of the hint. */
export type Case = readonly [
  xml: string,
  line: number,
  column: number,
  message: string,
  hint?: string,
];

/** A device with these lines in one capability, which starts in line 3; its first line is 4. */
export function capability(type: string, ...lines: readonly string[]): string {
  return [
    '<device>',
    '<name>n</name>',
    `<capability type='${type}'>`,
    ...lines,
    '</capability>',
    '</device>',
  ].join('\n');
}

/** The cases with a title each for `it.each`. */
export function titled(cases: readonly Case[]) {
  return cases.map((test) => ({ title: `${test[1]}:${test[2]} ${test[3]} in ${test[0]}`, test }));
}

/** What a case expects, and what there is. */
export function compare([xml, line, column, message, hint = '']: Case) {
  const error = refusalOf(xml);
  return {
    found: {
      code: error.code,
      message: error.message,
      location: error.location,
      hasHint: (error.hint ?? '').includes(hint),
    },
    expected: { code: 'nodedev-invalid', message, location: { line, column }, hasHint: true },
  };
}

/** The error a document is refused with. */
export function refusalOf(xml: string): NodedevError {
  try {
    parseNodeDevice(xml);
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  throw new Error(`accepted: ${xml}`);
}
