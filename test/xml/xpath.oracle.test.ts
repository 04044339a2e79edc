import { ParseOption, XmlAttribute, XmlComment, XmlDocument, XmlElement } from 'libxml2-wasm';
import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/xml/read.ts';
import { selectXpath } from '../../src/xml/xpath/select.ts';

const TEXT = `<device>
  <name>a b</name>
  <capability type='mdev'>
    <type id='nvidia-11'/>
    <type id='x'><n>12</n><n>3</n></type>
    <!--c-->
    <uuid>u1</uuid>
    <type id='y'><n>7</n></type>
  </capability>
  <parent>p</parent>
  <list><i a='1' b='2'>1</i><i a='2'>2</i><i>3</i><i>1</i></list>
</device>`;

/** What libxml2 selects, printed as virsh does; undefined when it refuses the expression. */
function libxml2(expression: string): readonly string[] | undefined {
  const document = XmlDocument.fromString(TEXT, { option: ParseOption.XML_PARSE_NOBLANKS });
  try {
    const result = document.eval(expression);
    if (!Array.isArray(result)) return [String(result)];
    return result.map((node) => {
      if (node instanceof XmlAttribute) return ` ${node.name}="${node.value}"`;
      if (node instanceof XmlElement) return node.toString({ format: true });
      return node instanceof XmlComment ? `<!--${node.content}-->` : node.content;
    });
  } catch {
    return undefined;
  } finally {
    document.dispose();
  }
}

function ours(expression: string): readonly string[] | undefined {
  try {
    return selectXpath(readXml(TEXT).root, expression);
  } catch {
    return undefined;
  }
}

const AXES = [
  'ancestor',
  'ancestor-or-self',
  'attribute',
  'child',
  'descendant',
  'descendant-or-self',
  'following',
  'following-sibling',
  'parent',
  'preceding',
  'preceding-sibling',
  'self',
];

describe('selects what libxml2 does', () => {
  // Each axis from an element, a text, a comment and an attribute; every node, the nearest and the farthest.
  it.each(AXES)('on the axis %s', (axis) => {
    for (const from of [
      '//type[2]',
      '//n[1]',
      '//n/text()',
      '//comment()',
      '//@id',
      '//@b',
      '//i',
    ]) {
      for (const test of ['*', 'type', 'n', 'text()', 'comment()', 'node()', '@*']) {
        if (test.startsWith('@') && axis !== 'attribute') continue;
        // The document itself, which is refused.
        if (test === 'node()' && axis.startsWith('ancestor')) continue;
        const step = test === '@*' ? 'attribute::*' : `${axis}::${test}`;
        for (const predicate of ['', '[1]', '[last()]', '[position() mod 2 = 0]']) {
          const expression = `${from}/${step}${predicate}`;
          expect([expression, ours(expression)]).toEqual([expression, libxml2(expression)]);
        }
      }
    }
  });

  it.each(
    `/device/name | //type/@id | (//n)[1] | (//n)[last()] | //n/.. | * | ../device | .//n | self::node()/name
    count(//n/ancestor::*) | string(//n) | sum(//n) | sum(//nope) | 1 div 0 | -1 div 0 | 0 div 0 | 5 mod 3 | -5 mod 3
    round(2.5) | round(-2.5) | floor(-1.5) | ceiling(1.2) | number("abc") | number(" 12 ") | substring("12345",2,3)
    substring("12345",1.5,2.6) | substring("12345",0 div 0,3) | substring("12345",-42,1 div 0) | concat("a",1,true())
    contains("abc","") | starts-with("abc","ab") | substring-before("a-b","-") | substring-after("a-b","-")
    normalize-space("  a  b ") | translate("bar","abc","AB") | boolean("") | not(//nope) | //n = 7 | //n != 7
    //nope = //nope | //i = //n | //i < //n | //i/@a = //n | true() = 1 | "1" = 1 | //n > 5 | lang("en") | id("x")
    name(//@id) | local-name(//comment()) | name(//text()) | namespace-uri(/*) | //i[@a=2 or @b] | //list/i[last()-1]
    //type[n=3]/@id | //type[count(n)>1] | /descendant::n[3] | //i[.="1"][2] | -(-3) | - //n | 2*3+4 | //n[1] + 1
    "a"<"b" | //*[self::n or self::i] | //@a/.. | //n[preceding::n] | //n[ancestor::type/@id="y"] | string-length()
    normalize-space(//name) | //*[starts-with(name(),"t")] | //*[string-length(.)=1] | 3 - 1 | a-b | 1 = 1 = 1
    3 > 2 > 1 | string(1.5) | .5 | "a" = "a" and "b" != "c" | //i["a"] | //i[0] | //i[1.5] | //i[true()] | string(//@id)
    $x | foo() | //q:x | //c[ | count() | concat("a")`
      .split(/ \| |\n/)
      .map((expression) => expression.trim()),
  )('%s', (expression) => {
    expect(ours(expression)).toEqual(libxml2(expression));
  });
});
