import * as fc from 'fast-check';

/** Names that are traps: JavaScript's own, non-ASCII, and ones with characters JavaScript takes for white space. */
const NAMES = [
  'a',
  'type',
  'b.c-d_e',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'prototype',
  'toString',
  'é',
  '𠀀x',
  'a\u1680b',
  'x\uFEFF',
];

export const xmlName = fc.constantFrom(...NAMES);
const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t', ' \r ');
const someSpace = fc.constantFrom(' ', '\n', '\r\n', '\t ', '  ');
const reference = fc.constantFrom(
  '&lt;',
  '&gt;',
  '&amp;',
  '&apos;',
  '&quot;',
  '&#65;',
  '&#x1F600;',
  '&#10;',
  '&#13;',
  '&#9;',
  '&amp;lt;',
);
const plain = fc.constantFrom(
  'x',
  '0e1234',
  '011',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  'é',
  '😀',
  '/',
  '=',
);
const joined = (parts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(parts, { maxLength: 5 }).map((list) => list.join(''));

const attributeValue = fc.oneof(
  joined(fc.oneof(plain, reference, fc.constantFrom('"', '>'))).map((value) => `'${value}'`),
  joined(fc.oneof(plain, reference, fc.constantFrom("'", '>'))).map((value) => `"${value}"`),
);

const attributes = fc
  .uniqueArray(fc.tuple(xmlName, space, space, attributeValue, someSpace), {
    selector: ([name]) => name,
    maxLength: 3,
  })
  .map((list) =>
    list.map(([name, before, after, value, lead]) => `${lead}${name}${before}=${after}${value}`),
  )
  .map((list) => list.join(''));

const text = joined(fc.oneof(plain, reference, fc.constantFrom('"', "'", '>')));
const cdata = joined(fc.oneof(plain, fc.constantFrom('<b>', '&amp;', ']', '>'))).map(
  (content) => `<![CDATA[${content.replaceAll(/\]\]+>+/g, '')}]]>`,
);
const comment = joined(fc.oneof(plain, fc.constantFrom('<b>', '&', "'", '"'))).map(
  (content) => `<!--${content}-->`,
);
const instruction = joined(fc.oneof(plain, fc.constantFrom("it's", '<b>', '>', '?'))).map(
  (content) => `<?pi ${content.replaceAll(/\?+>+/g, '')} ?>`,
);
const misc = fc.array(fc.oneof(comment, instruction, someSpace), { maxLength: 2 });

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(xmlName, attributes, space).map(([name, list, end]) => `<${name}${list}${end}/>`),
    fc
      .tuple(xmlName, attributes, space, fc.array(tie('content'), { maxLength: 5 }), space)
      .map(
        ([name, list, end, content, close]) =>
          `<${name}${list}${end}>${content.join('')}</${name}${close}>`,
      ),
  ),
  content: fc.oneof(text, text, cdata, comment, instruction, tie('element'), tie('element')),
}));

/** Well-formed documents as hands and programs write them, with all that XML allows between the quotes and tags. */
export const xmlSource = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.constantFrom('', "<?xml version='1.0'?>", '<?xml version="1.0" encoding="utf-8" ?>\r\n'),
    misc,
    element,
    misc,
  )
  .map(([mark, declaration, before, root, after]) =>
    [mark, declaration, ...before, root, ...after].join(''),
  );

/** Damage of the kinds hands and broken programs do: cut, doubled, swapped and strange characters. */
const mutation = fc.tuple(
  fc.nat(),
  fc.nat({ max: 3 }),
  fc.constantFrom(
    '',
    '<',
    '>',
    '&',
    '"',
    "'",
    '</a>',
    ']]>',
    '--',
    '?>',
    '\0',
    '\u0001',
    '\uFFFE',
    '<!',
    'x',
  ),
);

/** A document with one to three of them. */
export const mutantOf = (document: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(document, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([original, mutations]) =>
      mutations.reduce((current, [position, removed, added]) => {
        const at = position % (current.length + 1);
        return current.slice(0, at) + added + current.slice(at + removed);
      }, original),
    )
    // No bytes of UTF-8 mean half a surrogate pair.
    .filter((mutated) => !/[\uD800-\uDFFF]/u.test(mutated));
