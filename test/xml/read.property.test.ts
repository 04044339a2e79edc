import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Location } from '../../src/errors.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { childElements } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { errorOf } from './error-of.ts';
import { mutantOf, xmlSource } from './generate.ts';
import { isLibxml2Mistake } from './libxml2-mistakes.ts';
import { plainTree } from './normalize.ts';
import { libxmlAccepts, libxmlTree } from './oracle.ts';

/** The offset a location means, counted the slow way. */
function offsetAt(text: string, { line, column }: Location): number {
  const before = text.split('\n').slice(0, line - 1);
  const mark = line === 1 && text.startsWith('\uFEFF') ? 1 : 0;
  return before.reduce((sum, part) => sum + part.length + 1, 0) + mark + column - 1;
}

function elementsOf(element: XmlElement): XmlElement[] {
  return [element, ...childElements(element).flatMap(elementsOf)];
}

/** What stands in the text where a node or attribute says it is. */
function textAt(text: string, location: Location | undefined): string {
  return location === undefined ? '' : text.slice(offsetAt(text, location));
}

describe('any well-formed document', () => {
  it('has the tree libxml2 gives it', () => {
    fc.assert(
      fc.property(xmlSource, (text) => {
        expect(plainTree(readXml(text).root)).toEqual(libxmlTree(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is the same as bytes', () => {
    fc.assert(
      fc.property(xmlSource, (text) => {
        expect(readXml(Buffer.from(text))).toEqual(readXml(text));
      }),
    );
  });

  it('has every element where its location and range say', () => {
    fc.assert(
      fc.property(xmlSource, (source) => {
        const { root, text } = readXml(source);
        for (const element of elementsOf(root)) {
          const tags = text.slice(...(element.range ?? [0, 0]));
          expect(textAt(text, element.location).startsWith(tags)).toBe(true);
          expect(tags.startsWith(`<${element.name}`)).toBe(true);
          expect(plainTree(readXml(tags).root)).toEqual(plainTree(element));
        }
      }),
    );
  });

  it('has every attribute where its location says', () => {
    fc.assert(
      fc.property(xmlSource, (source) => {
        const { root, text } = readXml(source);
        for (const { name, location } of elementsOf(root).flatMap(({ attributes }) => attributes)) {
          expect(textAt(text, location).startsWith(name)).toBe(true);
        }
      }),
    );
  });

  it('has every text where its location says', () => {
    fc.assert(
      fc.property(xmlSource, (source) => {
        const { root, text } = readXml(source);
        for (const node of elementsOf(root).flatMap(({ children }) => children)) {
          if (node.kind !== 'text') continue;
          const there = textAt(text, node.location);
          const isRewritten = /^(?:&|\r|<!\[CDATA\[)/.test(there);
          expect(isRewritten || there.startsWith(node.text.charAt(0))).toBe(true);
        }
      }),
    );
  });
});

it('a damaged document is refused exactly when libxml2 refuses it', () => {
  fc.assert(
    fc.property(mutantOf(xmlSource), (text) => {
      const error = errorOf(() => readXml(text));
      // Damage can turn the declaration into one of another encoding, which only we refuse.
      fc.pre(error?.code !== 'xml-encoding');
      const isAccepted = libxmlAccepts(text) && !isLibxml2Mistake(text);
      expect(error === undefined).toBe(isAccepted);
    }),
    { numRuns: 500 },
  );
});
