import { describe, expect, it } from 'vitest';
import { exponent } from '../../bench/measure.ts';
import type { XmlText } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { errorOf } from './error-of.ts';

/** Fills about `size` characters. */
const fill = (part: string, size = 1_000_000): string =>
  part.repeat(Math.floor(size / part.length));

const many = (count: number, part: (index: string) => string): string =>
  Array.from({ length: count }, (_, index) => part(index.toString(36))).join('');

/** What an expansion would make of ten entities of ten references each. */
const entityBomb = `<!DOCTYPE a [<!ENTITY e0 "x">${many(10, (index) => `<!ENTITY f${index} "${'&e0;'.repeat(10)}">`)}]>`;

/**
 * Documents made to cost more than they weigh. Whatever is quadratic in one of them takes minutes, so the test
 * runner's own time limit is the assertion about time.
 */
describe('hostile input ends in a result or a typed error', () => {
  it.each([
    ['a million attributes', () => `<a${many(1_000_000, (i) => ` a${i}=''`)}/>`, 'xml-too-large'],
    ['100,000 attributes', () => `<a${many(100_000, (i) => ` a${i}=''`)}/>`, undefined],
    ['100,000 namespaces', () => `<a${many(100_000, (i) => ` xmlns:a${i}='u'`)}/>`, undefined],
    ['a million elements', () => `<a>${'<b/>'.repeat(1_000_000)}</a>`, 'xml-too-large'],
    ['50,000 undeclared prefixes', () => `<a>${'<q:b/>'.repeat(50_000)}</a>`, undefined],
    ['a huge attribute', () => `<a x='${fill('x', 9_000_000)}'/>`, undefined],
    ['a huge attribute of references', () => `<a x='${fill('&#65;')}'/>`, undefined],
    ['an attribute over libxml2', () => `<a x='${fill('x', 11_000_000)}'/>`, 'xml-too-large'],
    ['a huge name', () => `<${fill('a')}/>`, 'xml-too-large'],
    ['a text of references', () => `<a>${fill('&amp;')}</a>`, undefined],
    ['a text of CRLF', () => `<a>${fill('\r\n')}</a>`, undefined],
    ['elements on CRLF lines', () => `<a>${fill('<b/>\r\n', 600_000)}</a>`, undefined],
    ['600,000 comments', () => `<a>${'<!---->'.repeat(600_000)}</a>`, 'xml-too-large'],
    ['100,000 instructions', () => `<a>${'<?p "?>'.repeat(100_000)}</a>`, undefined],
    ['CDATA sections', () => `<a>${'<![CDATA[x]]>'.repeat(100_000)}</a>`, undefined],
    ['a million levels', () => '<a>'.repeat(1_000_000), 'xml-too-deep'],
    ['a million levels, closed', () => '<a>'.repeat(1e6) + '</a>'.repeat(1e6), 'xml-too-deep'],
    ['open quotes', () => `<a ${fill('"x=')}`, 'xml-malformed'],
    ['open comments', () => `<a>${fill('<!--')}`, 'xml-malformed'],
    ['open CDATA sections', () => `<a>${fill('<![CDATA[')}`, 'xml-malformed'],
    ['open instructions', () => fill('<?p '), 'xml-malformed'],
    ['a comment of dashes', () => `<a><!--${fill('- ')}--></a>`, undefined],
    ['a CDATA section of brackets', () => `<a><![CDATA[${fill(']]')}]]></a>`, undefined],
    ['an instruction of question marks', () => `<a><?p ${fill('?')}?></a>`, undefined],
    ['an instruction of openings', () => `<a><?p ${fill('<?p "')}?></a>`, undefined],
    [
      'long attribute names',
      () => `<a${many(50, (i) => ` ${fill('a', 20_000)}${i}=''`)}/>`,
      undefined,
    ],
    ['a huge attribute name', () => `<a ${fill('a')}=''/>`, 'xml-too-large'],
    [
      'names with what is white space to JavaScript',
      () => `<a>${'<b\u1680/>'.repeat(50_000)}</a>`,
      undefined,
    ],
    [
      'levels of siblings',
      () => `${'<a>'.repeat(99)}${'<b/>'.repeat(100_000)}${'</a>'.repeat(99)}`,
      undefined,
    ],
    ['100,000 texts in one element', () => `<a>${'x<b/>'.repeat(100_000)}</a>`, undefined],
    ['a text of nine million', () => `<a>${fill('x', 9_000_000)}</a>`, undefined],
    [
      'a wrong end after 100,000 elements',
      () => `<a>${'<b x=""/>'.repeat(100_000)}</c>`,
      'xml-malformed',
    ],
    ['a wrong reference after 200,000', () => `<a>${fill('&amp;')}&x</a>`, 'xml-malformed'],
    [
      'an attribute twice after 100,000',
      () => `<a${many(100_000, (i) => ` a${i}=''`)} a0=''/>`,
      'xml-malformed',
    ],
    ['open comments with references', () => `<a>${fill('&amp;<!--')}`, 'xml-malformed'],
    ['open tags with quotes', () => `<a>${fill("<b x='")}`, 'xml-malformed'],
    ['spaces before a wrong document', () => `${fill(' ')}x`, 'xml-malformed'],
    ['comments before a wrong document', () => `${'<!---->'.repeat(100_000)}x`, 'xml-malformed'],
    ['only <', () => fill('<'), 'xml-malformed'],
    ['only </a>', () => fill('</a>'), 'xml-malformed'],
    ['only &', () => `<a>${fill('&')}</a>`, 'xml-malformed'],
    ['only NUL', () => fill('\0'), 'xml-malformed'],
    ['spaces in a tag', () => `<a${fill(' ')}/>`, undefined],
    [
      'spaces in a declaration',
      () => `<?xml version='1.0'${fill(' encoding')}?><a/>`,
      'xml-malformed',
    ],
    ['an entity bomb', () => `${entityBomb}<a>&f9;</a>`, 'xml-doctype'],
    ['an entity bomb behind rubbish', () => `<!x>${entityBomb}<a>&f9;</a>`, 'xml-malformed'],
    [
      'an external entity',
      () => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      'xml-doctype',
    ],
  ])('%s', (_, source, code) => {
    const text = source();
    expect(errorOf(() => readXml(text))?.code).toBe(code);
  });

  it.each([
    ['attributes', (size: number) => `<a${many(size, (i) => ` a${i}=''`)}/>`],
    ['texts', (size: number) => `<a>${'x\n<b/>'.repeat(size)}</a>`],
  ])(
    'asking for the places of all %s takes time that grows with their number',
    { retry: 4 },
    (_, source) => {
      const points = [4000, 64_000].map((size) => {
        const { root } = readXml(source(size));
        const start = performance.now();
        const texts = root.children.filter((node): node is XmlText => node.kind === 'text');
        const places = [...root.attributes, ...texts].map(({ location }) => location);
        expect(places).not.toContain(undefined);
        return [size, performance.now() - start] as const;
      });
      expect(exponent(points)).toBeLessThan(1.8);
    },
  );
});
