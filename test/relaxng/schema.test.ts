import { describe, expect, test } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import { compileSchema } from '../../src/relaxng/schema.ts';
import { compile, filesOf, rng, verdict } from './rng.ts';

function refusal(action: () => unknown): NodedevError {
  try {
    action();
  } catch (error) {
    if (error instanceof NodedevError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const element = (content: string): string => `<element name="a">${content}</element>`;
const grammar = (content: string): string => `<grammar>${content}</grammar>`;
const b = '<element name="b"><empty/></element>';

describe('what the specification forbids is refused', () => {
  test.each([
    // Section 3: the grammar of schemas.
    ['<element><empty/></element>', '<empty> is no name class'],
    ['<element/>', '<element> has no name'],
    ['<element name="a"/>', '<element> contains no pattern'],
    ['<element name="a b"><empty/></element>', "'a b' is not a name"],
    ['<element name="p:a"><empty/></element>', "the prefix of 'p:a' is not declared"],
    ['<elemnt name="a"><empty/></elemnt>', '<elemnt> is no pattern of RELAX NG'],
    ['<element nam="a"><empty/></element>', "<element> cannot have the attribute 'nam'"],
    [element('text'), "<element> cannot contain the text 'text'"],
    [element('<text>x</text>'), "<text> cannot contain the text 'x'"],
    [element(`<empty>${b}</empty>`), '<empty> must be empty'],
    [element('<choice/>'), '<choice> contains no pattern'],
    [
      element('<attribute name="x"><text/><text/></attribute>'),
      '<attribute> can only contain one pattern',
    ],
    [element('<data/>'), "<data> is missing attribute 'type'"],
    [
      element(
        '<data type="int"><except><value type="int">1</value></except><param name="x"/></data>',
      ),
      'nothing can follow <except> in <data>',
    ],
    [element('<data type="int"><text/></data>'), '<text> is not allowed in <data>'],
    [element('<value><b/></value>'), '<value> can only contain text'],
    [element('<ref name="x"/>'), '<ref> stands in no grammar'],
    [
      grammar(`<start>${element('<parentRef name="x"/>')}</start>`),
      '<parentRef> stands in no grammar',
    ],
    [grammar('<element name="a"><empty/></element>'), '<element> is not allowed in <grammar>'],
    [grammar('<define name="a"/>'), '<define> contains no pattern'],
    ['<element xml:base="x" name="a"><empty/></element>', "attribute 'xml:base' is not supported"],
    // Section 4.16 and datatypes.
    [
      '<element><anyName><except><anyName/></except></anyName><empty/></element>',
      '<anyName> is not allowed in the <except> of <anyName>',
    ],
    [
      '<element><nsName><except><nsName/></except></nsName><empty/></element>',
      '<nsName> is not allowed in the <except> of <nsName>',
    ],
    [
      '<element><anyName><text/></anyName><empty/></element>',
      '<anyName> can only contain one <except>',
    ],
    ['<element><choice/><empty/></element>', '<choice> of names is empty'],
    [element('<attribute name="xmlns"/>'), 'an attribute cannot be a namespace declaration'],
    [
      element(
        '<oneOrMore><attribute><nsName ns="http://www.w3.org/2000/xmlns"/></attribute></oneOrMore>',
      ),
      'an attribute cannot be a namespace declaration',
    ],
    [element('<data type="whole"/>'), "unknown datatype 'whole'"],
    [
      element('<data type="int"><param name="pattern">[</param></data>'),
      "bad pattern: it ends too early (character 2 of '[')",
    ],
    [element('<value type="int">x</value>'), "'x' is no value of type 'int'"],
    // Sections 4.17 to 4.19.
    [
      grammar(`<start>${b}</start><start>${b}</start>`),
      '<start> is defined twice: one of them needs a combine attribute',
    ],
    [
      grammar(
        `<start>${b}</start><define name="x" combine="choice">${b}</define><define name="x" combine="interleave">${b}</define>`,
      ),
      "'x' is combined by both choice and interleave",
    ],
    [
      grammar(`<start combine="both">${b}</start>`),
      "combine must be 'choice' or 'interleave', not 'both'",
    ],
    [grammar(`<define name="x">${b}</define>`), 'the grammar has no <start>'],
    [grammar('<start><ref name="x"/></start>'), "'x' is not defined"],
    [grammar(`<start>${element('<ref name="y"/>')}</start>`), "'y' is not defined"],
    [
      grammar(
        '<start><ref name="x"/></start><define name="x"><choice><ref name="x"/><text/></choice></define>',
      ),
      "'x' refers to itself without an element between",
    ],
    [
      grammar(
        `<start>${element('<ref name="x"/>')}</start><define name="x"><optional><ref name="y"/></optional></define><define name="y"><ref name="x"/></define>`,
      ),
      "'x' refers to itself without an element between",
    ],
    // Section 7.1: what cannot stand where.
    ['<text/>', '<text> cannot be the start of a schema'],
    [`<group>${b}${b}</group>`, '<group> cannot be the start of a schema'],
    ['<attribute name="a"/>', '<attribute> cannot be the start of a schema'],
    [element(`<attribute name="x">${b}</attribute>`), '<element> cannot stand in <attribute>'],
    [
      element('<attribute name="x"><attribute name="y"/></attribute>'),
      '<attribute> cannot stand in <attribute>',
    ],
    [element(`<list>${b}</list>`), '<element> cannot stand in <list>'],
    [element('<list><text/></list>'), '<text> cannot stand in <list>'],
    [element('<list><list><empty/></list></list>'), '<list> cannot stand in <list>'],
    [
      element('<list><interleave><empty/><empty/></interleave></list>'),
      '<interleave> cannot stand in <list>',
    ],
    [
      element('<data type="int"><except><text/></except></data>'),
      '<text> cannot stand in <except>',
    ],
    [
      element('<data type="int"><except><empty/></except></data>'),
      '<empty> cannot stand in <except>',
    ],
    [
      element('<oneOrMore><group><attribute name="x"/><text/></group></oneOrMore>'),
      '<attribute> cannot stand in a group that is repeated',
    ],
    [
      element('<attribute><anyName/></attribute>'),
      '<attribute> with <anyName> or <nsName> must be in <oneOrMore> or <zeroOrMore>',
    ],
    // Sections 7.2 to 7.4.
    [
      element(`<data type="int"/>${b}`),
      'a text that is one value cannot have elements or more text beside it',
    ],
    [
      element('<interleave><value>x</value><text/></interleave>'),
      'a text that is one value cannot have elements or more text beside it',
    ],
    [
      element('<oneOrMore><value>x</value></oneOrMore>'),
      'a text that is one value cannot be repeated: use <list>',
    ],
    [
      element('<attribute name="x"/><optional><attribute name="x"/></optional>'),
      'the same attribute is there twice',
    ],
    [
      element('<attribute name="x"/><zeroOrMore><attribute><anyName/></attribute></zeroOrMore>'),
      'the same attribute is there twice',
    ],
    [
      element(`<interleave>${b}<optional>${b}</optional></interleave>`),
      'elements of the same name are in two parts of an <interleave>',
    ],
    [
      element('<interleave><text/><mixed><empty/></mixed></interleave>'),
      '<text> is in two parts of an <interleave>',
    ],
  ])('%s', (schema, message) => {
    const error = refusal(() => compile(schema));
    expect(error.code).toBe('schema-invalid');
    expect(error.message).toBe(message);
    expect(error.location).toMatchObject({ file: 'schema.rng', line: 1 });
  });

  test.each([
    [
      'attributes of one name in a choice',
      element('<choice><attribute name="x"/><group><attribute name="x"/><text/></group></choice>'),
    ],
    [
      'open-ended attributes beside others',
      element(
        '<attribute name="x"/><zeroOrMore><attribute><anyName><except><name>x</name></except></anyName></attribute></zeroOrMore>',
      ),
    ],
    ['a value beside attributes', element('<attribute name="x"/><data type="int"/>')],
    [
      'recursion through elements',
      grammar(
        '<start><ref name="x"/></start><define name="x"><element name="x"><optional><ref name="x"/></optional></element></define>',
      ),
    ],
    [
      'what is defined but never used',
      grammar(`<start>${b}</start><define name="x"><ref name="nowhere"/></define>`),
    ],
  ])('but not %s', (_, schema) => {
    expect(() => compile(schema)).not.toThrow();
  });

  test('with the position', () => {
    const error = refusal(() =>
      compile('<element name="a">\n  <group>\n    <foo/>\n  </group></element>'),
    );
    expect(error.location).toEqual({ file: 'schema.rng', line: 3, column: 5 });
  });

  test('a schema that is no XML gets the reader’s error', () => {
    expect(refusal(() => compileSchema('<a')).code).toBe('xml-malformed');
  });
});

describe('files', () => {
  const common = `<grammar><start><ref name="root"/></start><define name="root"><element name="a"><ref name="x"/>
    <ref name="y"/></element></define><div><define name="x"><attribute name="x"/></define></div>
    <define name="y"><attribute name="y"/></define></grammar>`;

  test('include brings in definitions, its own replace them', () => {
    const schema = compile(
      '<grammar><include href="common.rng"><div><define name="x"><attribute name="z"/></define></div></include></grammar>',
      filesOf({ 'common.rng': common }),
    );
    expect(verdict(schema, '<a z="" y=""/>')).toBe('valid');
    expect(verdict(schema, '<a x="" y=""/>')).toBe('invalid');
  });

  test('an include replaces the start and what nested includes define', () => {
    const schema = compile(
      `<grammar><include href="middle.rng"><start><element name="r"><ref name="y"/></element></start>
       <define name="y"><attribute name="w"/></define></include></grammar>`,
      filesOf({
        'middle.rng': '<grammar><include href="common.rng"/></grammar>',
        'common.rng': common,
      }),
    );
    expect(verdict(schema, '<r w=""/>')).toBe('valid');
    expect(verdict(schema, '<a x="" w=""/>')).toBe('invalid');
  });

  test('beside an include, combine adds', () => {
    const schema = compile(
      '<grammar><include href="common.rng"/><define name="x" combine="choice"><attribute name="q"/></define></grammar>',
      filesOf({ 'common.rng': common }),
    );
    expect(verdict(schema, '<a q="" y=""/>')).toBe('valid');
    expect(verdict(schema, '<a x="" y=""/>')).toBe('valid');
  });

  test('externalRef puts a whole schema in one place; ns is inherited, definitions are not', () => {
    const schema = compile(
      `<grammar ns="urn:n"><start><element name="a"><externalRef href="b.rng"/></element></start>
       <define name="x"><text/></define></grammar>`,
      filesOf({ 'b.rng': '<element name="b"><empty/></element>' }),
    );
    expect(verdict(schema, '<a xmlns="urn:n"><b/></a>')).toBe('valid');
    expect(verdict(schema, '<a xmlns="urn:n"><b xmlns=""/></a>')).toBe('invalid');
    const outside = filesOf({ 'c.rng': '<element name="b"><ref name="x"/></element>' });
    const error = refusal(() =>
      compile(
        '<grammar><start><externalRef href="c.rng"/></start><define name="x"><text/></define></grammar>',
        outside,
      ),
    );
    expect(error.message).toBe('<ref> stands in no grammar');
    expect(error.location?.file).toBe('c.rng');
  });

  test.each([
    ['<grammar><include href="none.rng"/></grammar>', "'none.rng' cannot be loaded: no such file"],
    ['<grammar><include href="schema.rng"/></grammar>', "'schema.rng' includes itself"],
    ['<grammar><include href="loop.rng"/></grammar>', "'loop.rng' includes itself"],
    ['<grammar><include href="b.rng"/></grammar>', 'what is included must be a grammar'],
    [
      '<grammar><include href="common.rng#x"/></grammar>',
      "'common.rng#x' must not have a fragment",
    ],
    [
      '<grammar><include href="common.rng"><define name="q"><text/></define></include></grammar>',
      "the included grammar has no definition 'q' to replace",
    ],
    [
      '<grammar><include href="common.rng"><text/></include></grammar>',
      '<text> is not allowed in <include>',
    ],
    ['<grammar><include/></grammar>', "<include> is missing attribute 'href'"],
  ])('%s is refused', (schema, message) => {
    const files = filesOf({
      'common.rng': common,
      'schema.rng': common,
      'loop.rng': '<grammar><include href="loop.rng"/></grammar>',
      'b.rng': '<element name="b"><empty/></element>',
    });
    const error = refusal(() => compile(schema, files));
    expect([error.code, error.message]).toEqual(['schema-invalid', message]);
  });

  test('without a loader nothing is loaded', () => {
    const text = rng('<grammar><include href="x.rng"/></grammar>');
    expect(refusal(() => compileSchema(text)).message).toBe(
      "'x.rng' cannot be loaded: no other files are to be had",
    );
  });
});
