import { type BarSegment, loadBar, typeBar } from './bar.ts';
import { barLabel, takenBy, type TypeCounts } from './labels.ts';
import { element, type Markup } from './markup.ts';

/** Size of a bar in its own coordinates; in the SVG picture they are pixels. */
export const BAR = { width: 160, height: 10 } as const;
/** With more instances than this, the cells of a bar would be too small to see. */
const MOST_CELLS = 20;
const GAP = 2;

/**
 * The shapes of a type's bar: one cell for each instance when there are few. The parts differ in shape as well as in
 * colour: used is filled, free is a frame, and what other types take is a line.
 */
export function typeShapes(counts: TypeCounts): readonly Markup[] {
  const total = counts.used + counts.free + takenBy(counts);
  if (total === 0) return shapes([['taken', BAR.width]]);
  if (total > MOST_CELLS) return shapes(typeBar(counts, BAR.width));
  const cell = (BAR.width + GAP) / total;
  const parts = typeBar(counts, total).flatMap(([part, length]) =>
    Array.from({ length }, () => part),
  );
  return parts.map((part, index) => shape([part, cell - GAP], index * cell));
}

/** The shapes of a card's bar. */
export function loadShapes(load: number): readonly Markup[] {
  return shapes(loadBar(load, BAR.width));
}

/** A type's bar in a page, with its words for screen readers. */
export function typeBarImage(counts: TypeCounts): Markup {
  return image(typeShapes(counts), barLabel(counts));
}

/** A card's bar in a page. `label` says the same in words. */
export function loadBarImage(load: number, label: string): Markup {
  return image(loadShapes(load), label);
}

function image(children: readonly Markup[], label: string): Markup {
  const viewBox = `0 0 ${BAR.width} ${BAR.height}`;
  const attributes = { class: 'bar', viewBox, role: 'img', 'aria-label': label };
  return element('svg', { ...attributes, preserveAspectRatio: 'none' }, children);
}

function shapes(segments: readonly BarSegment[]): readonly Markup[] {
  let x = 0;
  return segments.map((segment) => {
    const drawn = shape(segment, x);
    x += segment[1];
    return drawn;
  });
}

function shape([part, width]: BarSegment, x: number): Markup {
  switch (part) {
    case 'used':
      return rectangle(part, x, 0, width, BAR.height);
    case 'free': // its frame is half inside and half outside
      return rectangle(part, x + 0.5, 0.5, Math.max(0.5, width - 1), BAR.height - 1);
    case 'taken':
      return rectangle(part, x, BAR.height / 2 - 1, width, 2);
  }
}

function rectangle(name: string, x: number, y: number, width: number, height: number): Markup {
  const rounded = { x: round(x), y: round(y), width: round(width), height: round(height) };
  return element('rect', { class: name, ...rounded });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
