import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodedevError } from '../../src/errors.ts';
import { EditedDomain } from '../../src/xml/edited.ts';
import { childElements, type XmlElement, type XmlNode } from '../../src/xml/element.ts';
import { readXml } from '../../src/xml/read.ts';
import { editedDomains, edits, versions } from '../engine/validate/edits.ts';

/** All of a tree with its places, but for offsets of texts that were read in parts. */
function withPlaces(node: XmlNode): unknown {
  if (node.kind === 'comment' || node.kind === 'instruction') return node;
  const { kind, location } = node;
  if (kind === 'text') return { kind, location, text: node.text };
  const attributes = node.attributes.map((one) => [one.name, one.value, one.location]);
  return { kind, location, name: node.name, attributes, children: node.children.map(withPlaces) };
}

function read(text: string): XmlElement | undefined {
  try {
    return readXml(text, { file: 'vm.xml' }).root;
  } catch (error) {
    if (error instanceof NodedevError) return undefined;
    throw error;
  }
}

describe('a domain that is edited', () => {
  it('is the tree of each text, or has to be read as a whole', () => {
    let kept = 0;
    fc.assert(
      fc.property(editedDomains, edits, (text, changes) => {
        const domain = new EditedDomain('vm.xml');
        for (const version of versions(text, changes)) {
          const edited = domain.read(version);
          const whole = read(version);
          if (edited === undefined) continue;
          kept += 1;
          expect(whole && withPlaces(whole)).toEqual(withPlaces(edited));
        }
      }),
      { numRuns: 300 },
    );
    expect(kept).toBeGreaterThan(300);
  });

  it('keeps the elements of devices that did not change, wherever they are now', () => {
    const domain = new EditedDomain(undefined);
    const devices = (inside: string): readonly XmlElement[] => {
      const root = domain.read(`<domain><devices>${inside}</devices></domain>`);
      return root === undefined
        ? []
        : childElements(root, 'devices').flatMap((one) => childElements(one));
    };
    const [a, b, c] = devices('<a/><b/><b/>');
    const moved = devices('<a/><c/><b/><b/><b/>');
    expect(moved[0]).toBe(a);
    expect(moved[2]).toBe(b);
    expect(moved[3]).toBe(c);
    expect(devices('<a x="/><b/><b/>')).toEqual([]);
    const back = devices('<b/><a/><b/>');
    expect(back[0]).toBe(b);
    expect(back[1]).toBe(a);
    expect(back[2]).toBe(c);
    expect(c?.location).toEqual({ line: 1, column: 26 });
  });

  it.each([97, 98, 99])('has the limits of any document, as elements %i deep', (depth) => {
    const text = `<domain><devices>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}</devices></domain>`;
    expect(new EditedDomain('vm.xml').read(text) === undefined).toBe(read(text) === undefined);
  });
});
