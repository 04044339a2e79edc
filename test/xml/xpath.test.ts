import { describe, expect, it } from 'vitest';
import { buildElement } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { selectXpath as select } from '../../src/xml/xpath/select.ts';
import { errorOf } from './error-of.ts';

const selectXpath = (text: string, expression: string, options?: { wrap: boolean }) =>
  select(readXml(text).root, expression, options);

const TEXT = `<device>
  <name>a&amp;b "é"</name>
  <capability type='mdev'>
    <type id='nvidia-11'/><type id='&lt;&quot;'/>
    <!--c-->
    <p:x xmlns:p='u' p:y='1'/>
  </capability>
</device>
`;

describe('selectXpath', () => {
  it.each([
    ['an element', '/device/name', ['<name>a&amp;b "é"</name>']],
    ['its text', '/device/name/text()', ['a&amp;b "é"']],
    ['attributes', '//type/@id', [' id="nvidia-11"', ' id="&lt;&quot;"']],
    ['an attribute with a prefix', "//*[name()='p:x']/@*", [' p:y="1"']],
    ['a comment', '//comment()', ['<!--c-->']],
    ['nothing', '//nope', []],
    ['a number', 'count(//type)', ['2']],
    ['a string', 'string(//name)', ['a&b "é"']],
    ['a boolean', 'count(//type) = 2', ['true']],
  ])('%s', (_, expression, expected) => {
    expect(selectXpath(TEXT, expression)).toEqual(expected);
  });

  it('indents an element as virsh does', () => {
    expect(selectXpath('<a>\n\n<b><c/>  </b></a>', '/a/b')).toEqual(['<b>\n  <c/>\n</b>']);
  });

  it('puts elements into one with wrap, and only elements', () => {
    expect(selectXpath(TEXT, '//type', { wrap: true })).toEqual([
      `<nodes>\n  <type id="nvidia-11"/>\n  <type id="&lt;&quot;"/>\n</nodes>`,
    ]);
    expect(selectXpath(TEXT, '//nope', { wrap: true })).toEqual(['<nodes/>']);
    for (const expression of ['//type/@id', 'count(//type)', '//name/text()']) {
      expect(errorOf(() => selectXpath(TEXT, expression, { wrap: true }))?.code).toBe(
        'xpath-invalid',
      );
    }
  });

  it('ends an expression that explodes', () => {
    const text = `<a>${'<b><c/></b>'.repeat(1000)}</a>`;
    const start = performance.now();
    for (const expression of [
      '//*[//*[//*[//*]=1]=2]',
      '//*/following::*/preceding::*/following::*',
      '//*/..//*/..//*/..//*',
      '//*[. = //*[. = //*]]',
    ]) {
      const error = errorOf(() => selectXpath(text, expression));
      expect([expression, error?.code]).toEqual([expression, 'xpath-invalid']);
      expect(error?.message).toContain('more than 2000000 nodes');
    }
    expect(performance.now() - start).toBeLessThan(60_000);
  });

  it('refuses what XML cannot hold, which a terminal might obey', () => {
    const tree = buildElement('a', {}, [buildElement('b', { x: '\u001B[31m' })]);
    expect(errorOf(() => select(tree, '//b'))?.code).toBe('xml-unwritable');
  });

  it('breaks no character, however long the element', () => {
    const text = 'xé😀'.repeat(20_000);
    expect(selectXpath(`<a>${text}</a>`, '/a')).toEqual([`<a>${text}</a>`]);
  });

  it.each([
    ['that does not compile', '//c['],
    ['that is empty', ''],
    ['with an unknown function', 'foo()'],
    ['with an unknown prefix', '//q:x'],
    ['with an unknown variable', '$x'],
    ['with NUL', '//name\0[1]'],
    ['that selects the document', '/'],
    ['that selects namespaces', '//namespace::*'],
    ['that is too long', 'a/'.repeat(200_000)],
    ['with deep predicates', `${'x['.repeat(200)}x${']'.repeat(200)}`],
  ])('refuses an expression %s', (_, expression) => {
    expect(errorOf(() => selectXpath(TEXT, expression))?.code).toBe('xpath-invalid');
  });
});
