/** Every pattern and name class of the specification: a schema, documents it accepts, documents it does not. */
export const patternCases: readonly {
  readonly name: string;
  readonly schema: string;
  readonly valid: readonly string[];
  readonly invalid: readonly string[];
}[] = [
  {
    name: 'empty',
    schema: '<element name="a"><empty/></element>',
    valid: ['<a/>', '<a></a>', '<a> \n </a>', '<a><!-- c --></a>', '<a xmlns:p="u"/>'],
    invalid: ['<b/>', '<a>x</a>', '<a><a/></a>', '<a b="1"/>'],
  },
  {
    name: 'notAllowed',
    schema:
      '<element name="a"><choice><notAllowed/><element name="b"><empty/></element></choice></element>',
    valid: ['<a><b/></a>'],
    invalid: ['<a/>'],
  },
  {
    name: 'notAllowed in a group',
    schema:
      '<element name="a"><optional><element name="b"><empty/></element><notAllowed/></optional></element>',
    valid: ['<a/>'],
    invalid: ['<a><b/></a>'],
  },
  {
    name: 'text',
    schema: '<element name="a"><text/></element>',
    valid: ['<a/>', '<a>x</a>', '<a>x<!-- c -->y</a>', '<a><![CDATA[<b/>]]></a>', '<a> </a>'],
    invalid: ['<a><b/></a>', '<a>x<b/></a>'],
  },
  {
    name: 'attribute',
    schema: '<element name="a"><attribute name="x"/></element>',
    valid: ['<a x=""/>', '<a x="1"> </a>'],
    invalid: ['<a/>', '<a y=""/>', '<a x="" y=""/>', '<a xmlns:p="u" p:x=""/>'],
  },
  {
    name: 'attributes in any order, wherever they stand in a group',
    schema: `<element name="a"><attribute name="x"/><element name="b"><empty/></element>
      <optional><attribute name="y"><value>1</value></attribute></optional></element>`,
    valid: ['<a x="1"><b/></a>', '<a x="" y="1"><b/></a>', '<a y="1" x=""><b/></a>'],
    invalid: ['<a x="" y="2"><b/></a>', '<a y="1"><b/></a>', '<a x=""/>'],
  },
  {
    name: 'an attribute decides the content',
    schema: `<element name="a"><choice>
      <group><attribute name="t"><value>b</value></attribute><element name="b"><empty/></element></group>
      <group><attribute name="t"><value>c</value></attribute><element name="c"><empty/></element></group>
    </choice></element>`,
    valid: ['<a t="b"><b/></a>', '<a t="c"><c/></a>', '<a t=" b "><b/></a>'],
    invalid: ['<a t="b"><c/></a>', '<a t="c"><b/></a>', '<a t="d"/>', '<a><b/></a>'],
  },
  {
    name: 'group',
    schema:
      '<element name="a"><element name="b"><empty/></element><element name="c"><empty/></element></element>',
    valid: ['<a><b/><c/></a>', '<a> <b/> <!-- --> <c/> </a>'],
    invalid: [
      '<a><c/><b/></a>',
      '<a><b/></a>',
      '<a><c/></a>',
      '<a><b/>x<c/></a>',
      '<a><b/><c/><c/></a>',
    ],
  },
  {
    name: 'choice',
    schema:
      '<element name="a"><choice><element name="b"><text/></element><attribute name="b"/></choice></element>',
    valid: ['<a><b/></a>', '<a b="1"/>'],
    invalid: ['<a/>', '<a b="1"><b/></a>', '<a><b/><b/></a>'],
  },
  {
    name: 'optional, zeroOrMore, oneOrMore',
    schema: `<element name="a"><optional><element name="b"><empty/></element></optional>
      <zeroOrMore><element name="c"><empty/></element></zeroOrMore>
      <oneOrMore><element name="d"><empty/></element></oneOrMore></element>`,
    valid: ['<a><d/></a>', '<a><b/><c/><c/><d/><d/></a>', '<a><c/><d/></a>'],
    invalid: ['<a/>', '<a><b/><b/><d/></a>', '<a><d/><c/></a>', '<a><b/><c/></a>'],
  },
  {
    name: 'oneOrMore of a group',
    schema: `<element name="a"><oneOrMore><element name="b"><empty/></element><optional>
      <element name="c"><empty/></element></optional></oneOrMore></element>`,
    valid: ['<a><b/></a>', '<a><b/><c/><b/><b/><c/></a>'],
    invalid: ['<a/>', '<a><c/></a>', '<a><b/><c/><c/></a>'],
  },
  {
    name: 'interleave',
    schema: `<element name="a"><interleave><element name="b"><empty/></element>
      <zeroOrMore><element name="c"><empty/></element></zeroOrMore>
      <group><element name="d"><empty/></element><element name="e"><empty/></element></group></interleave></element>`,
    valid: ['<a><b/><d/><e/></a>', '<a><d/><c/><b/><c/><e/><c/></a>'],
    invalid: ['<a><e/><b/><d/></a>', '<a><b/><b/><d/><e/></a>', '<a><d/><e/></a>', '<a><c/></a>'],
  },
  {
    name: 'interleave of repeated groups',
    schema: `<element name="a"><interleave><oneOrMore><element name="b"><empty/></element>
      <element name="c"><empty/></element></oneOrMore><zeroOrMore><element name="d"><empty/></element>
      </zeroOrMore></interleave></element>`,
    valid: ['<a><b/><d/><c/><b/><d/><d/><c/></a>'],
    invalid: ['<a><b/><d/></a>', '<a><b/><b/><c/><c/></a>', '<a><d/></a>'],
  },
  {
    name: 'mixed',
    schema: '<element name="a"><mixed><element name="b"><empty/></element></mixed></element>',
    valid: ['<a><b/></a>', '<a>x<b/>y</a>', '<a>x<b/></a>'],
    invalid: ['<a>x</a>', '<a><b/>x<b/></a>'],
  },
  {
    name: 'value: a token by default',
    schema: '<element name="a"><value>x  y</value></element>',
    valid: ['<a>x y</a>', '<a> x\ny </a>', '<a>x<!-- --> y</a>'],
    invalid: ['<a>xy</a>', '<a/>', '<a>x y z</a>', '<a>X y</a>'],
  },
  {
    name: 'value of a type: equal values, not equal texts',
    schema: `<element name="a"><choice><value type="integer">10</value><value type="double">1e1</value>
      <value type="string"> s</value></choice></element>`,
    valid: ['<a>10</a>', '<a> +010 </a>', '<a>100e-1</a>', '<a> s</a>'],
    invalid: ['<a>s</a>', '<a>11</a>', '<a>0</a>', '<a>-10</a>'],
  },
  {
    name: 'an empty value',
    schema:
      '<element name="a"><attribute name="x"><value></value></attribute><value></value></element>',
    valid: ['<a x=""/>', '<a x=" "> </a>'],
    invalid: ['<a x="1"/>', '<a x="">1</a>'],
  },
  {
    name: 'data, except',
    schema: `<element name="a"><data type="unsignedByte"><param name="minInclusive">5</param>
      <except><value type="unsignedByte">7</value><data type="unsignedByte"><param name="minInclusive">250</param>
      </data></except></data></element>`,
    valid: ['<a>5</a>', '<a> 8 </a>', '<a>249</a>', '<a>+6</a>'],
    invalid: ['<a/>', '<a>4</a>', '<a>7</a>', '<a>07</a>', '<a>250</a>', '<a>256</a>', '<a>x</a>'],
  },
  {
    name: 'list',
    schema: `<element name="a"><attribute name="x"><list><oneOrMore><data type="int"/></oneOrMore></list></attribute>
      <list><value>a</value><optional><data type="int"/></optional></list></element>`,
    valid: ['<a x="1">a</a>', '<a x=" 1 2\n3 "> a 5 </a>'],
    invalid: [
      '<a x="">a</a>',
      '<a x="1 b">a</a>',
      '<a x="1">a b</a>',
      '<a x="1"/>',
      '<a x="1">a 1 2</a>',
    ],
  },
  {
    name: 'an empty list',
    schema: '<element name="a"><list><zeroOrMore><value>x</value></zeroOrMore></list></element>',
    valid: ['<a/>', '<a> </a>', '<a>x x</a>'],
    invalid: ['<a>y</a>', '<a><x/></a>'],
  },
  {
    name: 'text of a string type may be empty',
    schema: '<element name="a"><data type="string"/></element>',
    valid: ['<a/>', '<a>x</a>', '<a> </a>'],
    invalid: ['<a><b/></a>'],
  },
  {
    name: 'choice between text and elements',
    schema:
      '<element name="a"><choice><data type="int"/><element name="b"><empty/></element><empty/></choice></element>',
    valid: ['<a/>', '<a>1</a>', '<a><b/></a>', '<a> <b/> </a>', '<a>\n</a>'],
    invalid: ['<a>x</a>', '<a>1<b/></a>', '<a><b/>1</a>'],
  },
  {
    name: 'two elements of one name, told apart by their content',
    schema: `<element name="a"><choice>
      <group><element name="b"><attribute name="x"/><empty/></element><element name="c"><empty/></element></group>
      <group><element name="b"><element name="y"><empty/></element></element><element name="d"><empty/></element></group>
      <element name="b"><element name="y"><text/></element><element name="z"><empty/></element></element>
    </choice></element>`,
    valid: [
      '<a><b x=""/><c/></a>',
      '<a><b><y/></b><d/></a>',
      '<a><b><y>t</y><z/></b></a>',
      '<a><b><y/><z/></b></a>',
    ],
    invalid: [
      '<a><b x=""/><d/></a>',
      '<a><b><y/></b><c/></a>',
      '<a><b><y>t</y></b><d/></a>',
      '<a><b/></a>',
      '<a><b><y/><z/></b><d/></a>',
    ],
  },
  {
    name: 'the same ambiguity on every level',
    schema: `<grammar><start><ref name="n"/></start><define name="n"><choice>
      <element name="n"><optional><ref name="n"/></optional><element name="l"><empty/></element></element>
      <element name="n"><optional><ref name="n"/></optional><element name="r"><empty/></element></element>
    </choice></define></grammar>`,
    valid: ['<n><n><n><l/></n><r/></n><l/></n>', `${'<n>'.repeat(60)}${'<l/></n>'.repeat(60)}`],
    invalid: ['<n><n><n/><r/></n><l/></n>', `${'<n>'.repeat(60)}${'<l/></n>'.repeat(59)}</n>`],
  },
  {
    name: 'anyName, nsName, except, choice of names',
    schema: `<element xmlns:p="urn:p"><anyName><except><name>no</name><nsName ns="urn:q"/></except></anyName>
      <zeroOrMore><attribute><nsName ns="urn:p"><except><name>p:x</name></except></nsName></attribute></zeroOrMore>
      <zeroOrMore><element><choice><name>b</name><name>p:b</name></choice><empty/></element></zeroOrMore></element>`,
    valid: [
      '<a/>',
      '<zz xmlns:r="urn:p" r:y="" r:z=""><b/><r:b/></zz>',
      '<no xmlns="urn:other"/>',
      '<a><b xmlns="urn:p"/></a>',
    ],
    invalid: [
      '<no/>',
      '<a xmlns="urn:q"/>',
      '<a xmlns:r="urn:p" r:x=""/>',
      '<a y=""/>',
      '<a><c/></a>',
      '<a><b xmlns="urn:q"/></a>',
    ],
  },
  {
    name: 'any content',
    schema: `<grammar><start><ref name="any"/></start><define name="any"><element><anyName/><zeroOrMore><choice>
      <attribute><anyName/></attribute><text/><ref name="any"/></choice></zeroOrMore></element></define></grammar>`,
    valid: ['<a b="1" c="2">x<d xmlns="u"><__proto__ constructor=""/></d>y</a>'],
    invalid: [],
  },
  {
    name: 'ns is inherited, by attributes only from themselves',
    schema: `<element name="a" ns="urn:n"><attribute name="x"/><optional><attribute name="y" ns="urn:n"/></optional>
      <element name="b"><empty/></element><element name="c" ns=""><empty/></element></element>`,
    valid: [
      '<a xmlns="urn:n" x=""><b/><c xmlns=""/></a>',
      '<p:a xmlns:p="urn:n" x="" p:y=""><p:b/><c/></p:a>',
    ],
    invalid: [
      '<a x=""><b/><c/></a>',
      '<p:a xmlns:p="urn:n" p:x=""><p:b/><c/></p:a>',
      '<a xmlns="urn:n" x=""><b/><c/></a>',
      '<p:a xmlns:p="urn:n" x="" y=""><p:b/><c/></p:a>',
    ],
  },
  {
    name: 'prefixes of the schema, white space and annotations',
    schema: `<element xmlns:q="urn:q" xmlns:o="urn:o" o:note="x" name=" q:a ">
      <o:remark>any <b xmlns="">thing</b></o:remark> <attribute name="q:x"><data type=" int "/></attribute>
      <attribute name="xml:lang"/></element>`,
    valid: ['<a xmlns="urn:q" xmlns:z="urn:q" z:x="1" xml:lang="en"/>'],
    invalid: ['<a q="1"/>', '<a xmlns="urn:q" xmlns:z="urn:q" z:x="x" xml:lang="en"/>'],
  },
  {
    name: 'an undeclared namespace again',
    schema: '<element name="a"><element name="b"><empty/></element></element>',
    valid: ['<a xmlns=""><b/></a>', '<a><b xmlns=""/></a>'],
    invalid: ['<a xmlns="u"><b xmlns=""/></a>', '<a><b xmlns="u"/></a>'],
  },
  {
    name: 'grammar, define, ref, div',
    schema: `<grammar><div><start><ref name="a"/></start><div><define name="a"><element name="a"><ref name="b"/>
      </element></define></div></div><define name="b"><optional><ref name="a"/></optional></define></grammar>`,
    valid: ['<a/>', '<a><a><a/></a></a>'],
    invalid: ['<a><a/><a/></a>'],
  },
  {
    name: 'combine',
    schema: `<grammar><start combine="choice"><ref name="a"/></start><start combine="choice"><element name="z"><empty/>
      </element></start><define name="a"><element name="a"><ref name="c"/></element></define>
      <define name="c" combine="interleave"><element name="x"><empty/></element></define>
      <define name="c"><element name="y"><empty/></element></define></grammar>`,
    valid: ['<z/>', '<a><x/><y/></a>', '<a><y/><x/></a>'],
    invalid: ['<a><x/></a>', '<x/>', '<a/>'],
  },
  {
    name: 'a grammar inside, parentRef',
    schema: `<grammar><start><element name="a"><grammar><start><element name="b"><ref name="c"/><parentRef name="c"/>
      </element></start><define name="c"><attribute name="in"/></define></grammar></element></start>
      <define name="c"><attribute name="out"/></define></grammar>`,
    valid: ['<a><b in="" out=""/></a>'],
    invalid: ['<a><b in=""/></a>', '<a><b out=""/></a>'],
  },
  {
    name: 'names the schema does not know, and names of Object',
    schema:
      '<element name="__proto__"><attribute name="constructor"/><optional><element name="toString"><empty/></element></optional></element>',
    valid: ['<__proto__ constructor=""><toString/></__proto__>'],
    invalid: [
      '<__proto__ toString=""/>',
      '<__proto__ constructor=""><valueOf/></__proto__>',
      '<hasOwnProperty/>',
    ],
  },
];
