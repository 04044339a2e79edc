import { describe, expect, it } from 'vitest';
import { selectXpath } from '../../src/xml/xpath.ts';
import { errorOf } from './error-of.ts';

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
    ['that would overrun libxml2’s stack', 'a/'.repeat(200_000)],
    ['with deep predicates', `${'x['.repeat(200)}x${']'.repeat(200)}`],
  ])('refuses an expression %s', (_, expression) => {
    expect(errorOf(() => selectXpath(TEXT, expression))?.code).toBe('xpath-invalid');
  });

  it('refuses a document as readXml does', () => {
    expect(errorOf(() => selectXpath('<a></b>', '/a'))?.code).toBe('xml-malformed');
    expect(errorOf(() => selectXpath('<!DOCTYPE a><a/>', '/a'))?.code).toBe('xml-doctype');
  });
});
