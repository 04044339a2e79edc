import type { Location } from '../errors.ts';
import type { XmlAttribute, XmlNode, XmlText } from './element.ts';
import { attributeSpans, pastMarkup, pastNonTag } from './markup.ts';
import { LineTracker } from './source.ts';
import type { XmlSource } from './source.ts';

/** Where an element stands, and what stands in it. */
interface Whereabouts {
  readonly source: XmlSource;
  readonly start: number;
  readonly location: Location;
  readonly children: readonly XmlNode[];
}

/** The places of an element's attributes and texts, looked for in the source when the first of them is asked for. */
export class Positions {
  readonly #element: Whereabouts;
  #attributes: readonly Location[] | undefined;
  #texts: readonly Location[] | undefined;

  constructor(element: Whereabouts) {
    this.#element = element;
  }

  attribute(index: number): Location | undefined {
    this.#attributes ??= this.#findAttributes();
    return this.#attributes[index];
  }

  text(index: number): Location | undefined {
    this.#texts ??= this.#findTexts();
    return this.#texts[index];
  }

  #lines(): LineTracker {
    const { source, start, location } = this.#element;
    return new LineTracker(source, { offset: start, location });
  }

  #findAttributes(): readonly Location[] {
    const { source, start } = this.#element;
    const lines = this.#lines();
    return attributeSpans(source.text, start).map((span) => lines.locate(span.start));
  }

  /** A text begins behind the start tag, a child element, a comment or a processing instruction. */
  #findTexts(): readonly Location[] {
    const { source, start, children } = this.#element;
    const lines = this.#lines();
    let offset = pastMarkup(source.text, start);
    return children.flatMap((child) => {
      const begin = offset;
      if (child.kind === 'element') [, offset] = child.range ?? [0, offset];
      else if (child.kind === 'text') offset = pastText(source.text, offset);
      // An empty CDATA section is no text, but stands there.
      else offset = pastMarkup(source.text, pastText(source.text, offset));
      return child.kind === 'text' ? [lines.locate(begin)] : [];
    });
  }
}

/** The offset behind a run of characters and CDATA sections. */
function pastText(text: string, from: number): number {
  let offset = text.indexOf('<', from);
  while (text.startsWith('<![CDATA[', offset)) {
    offset = text.indexOf('<', pastNonTag(text, offset));
  }
  return offset;
}

/** An attribute that finds its place when asked for it. */
export class ReadAttribute implements XmlAttribute {
  readonly name: string;
  readonly value: string;
  readonly #positions: Positions;
  readonly #index: number;

  constructor(name: string, value: string, positions: Positions, index: number) {
    this.name = name;
    this.value = value;
    this.#positions = positions;
    this.#index = index;
  }

  get location(): Location | undefined {
    return this.#positions.attribute(this.#index);
  }
}

/** A text that finds its place when asked for it; `index` counts the texts of its parent. */
export class ReadText implements XmlText {
  readonly kind = 'text';
  readonly text: string;
  readonly #positions: Positions;
  readonly #index: number;

  constructor(text: string, positions: Positions, index: number) {
    this.text = text;
    this.#positions = positions;
    this.#index = index;
  }

  get location(): Location | undefined {
    return this.#positions.text(this.#index);
  }
}
