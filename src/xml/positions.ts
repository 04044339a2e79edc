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

/** The place of an attribute or text by its number: the place now, in a text that is being edited. */
type PlaceOf = (index: number) => Location | undefined;

/** The places of an element's attributes and texts, looked for in the source when the first of them is asked for. */
export class Positions {
  readonly #element: Whereabouts;
  #attributes: PlaceOf | undefined;
  #texts: PlaceOf | undefined;

  constructor(element: Whereabouts) {
    this.#element = element;
  }

  attribute(index: number): Location | undefined {
    this.#attributes ??= this.#placesOf(this.#findAttributes());
    return this.#attributes(index);
  }

  text(index: number): Location | undefined {
    this.#texts ??= this.#placesOf(this.#findTexts());
    return this.#texts(index);
  }

  #placesOf(offsets: readonly number[]): PlaceOf {
    const { source, start, location } = this.#element;
    const { locate } = source;
    if (locate !== undefined) return (index) => locate(offsets[index] ?? start);
    const lines = new LineTracker(source, { offset: start, location });
    const places = offsets.map((offset) => lines.locate(offset));
    return (index) => places[index];
  }

  #findAttributes(): readonly number[] {
    const { source, start } = this.#element;
    return attributeSpans(source.text, start).map((span) => span.start);
  }

  /** A text begins behind the start tag, a child element, a comment or a processing instruction. */
  #findTexts(): readonly number[] {
    const { source, start, children } = this.#element;
    let offset = pastMarkup(source.text, start);
    return children.flatMap((child) => {
      const begin = offset;
      if (child.kind === 'element') [, offset] = child.range ?? [0, offset];
      else if (child.kind === 'text') offset = pastText(source.text, offset);
      // An empty CDATA section is no text, but stands there.
      else offset = pastMarkup(source.text, pastText(source.text, offset));
      return child.kind === 'text' ? [begin] : [];
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
