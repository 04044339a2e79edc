import { describe, expect, it } from 'vitest';
import { array, assert, constantFrom, nat, property } from 'fast-check';
import { unfinishedPlace } from '../../src/xml/unfinished.ts';

/** The place at `|` in a text. */
const placeIn = (text: string): ReturnType<typeof unfinishedPlace> =>
  unfinishedPlace(text.replace('|', ''), text.indexOf('|'));

const pathOf = (text: string): string => {
  const { path, at, attribute, written } = placeIn(text);
  const tags = path.map(({ name, attributes, children }) =>
    [name, ...attributes.map((one) => `${one.name}=${one.value}`), `(${children.length})`].join(
      ' ',
    ),
  );
  return `${tags.join(' > ')} : ${at} ${attribute ?? ''}[${written}]`;
};

describe('the place in an unfinished document', () => {
  it.each([
    ['|', ' : content []'],
    ['<|', ' : element []'],
    ['<dom|', ' : element [dom]'],
    ['<domain |', 'domain (0) : attribute []'],
    ["<domain type='kvm' na|", 'domain type=kvm (0) : attribute [na]'],
    ["<domain type='|", 'domain (0) : value type[]'],
    ['<domain a="1" type = "kv|', 'domain a=1 (0) : value type[kv]'],
    ["<a><b/><c x='>'></c><d>te|", 'a (3) > d (0) : content [te]'],
    ['<a><b><c></b>|', 'a (1) : content []'],
    ['<a></|', 'a (0) : end []'],
    ['<a></b>|', 'a (0) : content []'],
    ['<a><!-- <b> |', 'a (0) : undefined []'],
    ['<a><!-- <b> --><![CDATA[<c>]]>|', 'a (0) : content []'],
    ['<?xml version="1.0"?>\n<a>|</a>', 'a (0) : content []'],
    ['<a><source\n  <address |', 'a (1) > source (0) > address (0) : attribute []'],
    ['<a b|', 'a (0) : attribute [b]'],
    ['<a b=|', 'a (0) : undefined []'],
    ['<a b="1"c|', 'a b=1 (0) : undefined []'],
  ])('%s', (text, expected) => {
    expect(pathOf(text)).toBe(expected);
  });

  it('is found in any text, and the open elements are those that were opened', () => {
    const text = array(
      constantFrom('<', '>', '/', 'a', 'b', ' ', '=', '"', "'", '!--', '?', '\n'),
      {
        maxLength: 40,
      },
    );
    assert(
      property(text, nat(60), (parts, offset) => {
        const whole = parts.join('');
        const { path } = unfinishedPlace(whole, offset);
        for (const { name } of path) expect(whole).toContain(`<${name}`);
      }),
    );
  });
});
