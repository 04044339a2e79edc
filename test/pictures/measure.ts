/**
 * Programs for a page, as text: what they find wrong with its layout and colours. Each gives a list, empty when all is
 * well.
 */

/** Names an element for a person. */
const NAME = `
const nameOf = (element) =>
  element.tagName + '.' + (element.getAttribute('class') || element.id) + ' "' +
  (element.textContent || '').trim().slice(0, 40) + '"';
const isShown = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const isOutOfFlow = (element) => {
  for (let at = element; at instanceof Element; at = at.parentElement) {
    const { position } = getComputedStyle(at);
    if (position === 'absolute' || position === 'fixed') return true;
  }
  return false;
};
const shown = [...document.body.querySelectorAll('*')].filter(
  (element) => !element.closest('script, svg svg, svg *') && isShown(element) && !isOutOfFlow(element),
);
const overlap = (a, b) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.6 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.6;
`;

const program = (body: string): string => `(() => { ${NAME} ${body} })()`;

/** Siblings that lie over each other, line by line. */
export const OVERLAPS = program(`
const found = [];
const isOfInterest = new Set(shown);
for (const parent of [document.body, ...shown]) {
  const children = [...parent.children].filter((element) => isOfInterest.has(element));
  const rects = children.map((child) => [...child.getClientRects()]);
  for (let i = 0; i < children.length; i++) {
    for (let j = i + 1; j < children.length; j++) {
      if (rects[i].some((a) => rects[j].some((b) => overlap(a, b)))) {
        found.push(nameOf(children[i]) + ' and ' + nameOf(children[j]));
      }
    }
  }
}
return found;
`);

/** What reaches out of the window, and text that reaches out of its box. */
export const OVERFLOWS = program(`
const found = [];
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) {
  found.push('the page is ' + document.documentElement.scrollWidth + ' wide');
}
for (const element of shown) {
  const rect = element.getBoundingClientRect();
  if (rect.right > width + 0.6 || rect.left < -0.6) found.push(nameOf(element) + ' is out of the window');
  const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  let box = element;
  while (getComputedStyle(box).display === 'inline') box = box.parentElement;
  const room = box.getBoundingClientRect();
  for (const node of own) {
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      if (line.right > room.right + 0.6 || line.left < room.left - 0.6 ||
          line.bottom > room.bottom + 4 || line.top < room.top - 4) {
        found.push('text of ' + nameOf(element) + ' leaves its box');
        break;
      }
    }
  }
}
return found;
`);

const COLORS = `
const parse = (color) => (color.match(/[\\d.]+/gu) || []).map(Number);
const luminance = (color) => {
  const [r, g, b] = parse(color).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
const backgroundOf = (element) => {
  for (let at = element; at instanceof Element; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    const [, , , alpha] = parse(color);
    if (alpha === undefined || alpha === 1) return color;
  }
  return getComputedStyle(document.body).backgroundColor;
};
`;

/** Text with less contrast than 4.5, and bars and frames with less than 3 (WCAG 2.2: 1.4.3 and 1.4.11, level AA). */
export const CONTRASTS = program(`
${COLORS}
const found = new Map();
const check = (element, color, least) => {
  const ratio = contrast(color, backgroundOf(element));
  if (ratio < least) found.set(nameOf(element), ratio.toFixed(2));
};
for (const element of shown) {
  const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
  if (hasText) check(element, getComputedStyle(element).color, 4.5);
}
for (const input of document.querySelectorAll('input[type=search]')) {
  check(input, getComputedStyle(input, '::placeholder').color, 4.5);
  check(input.parentElement, getComputedStyle(input).borderTopColor, 3);
}
for (const part of document.querySelectorAll('.used, .taken')) check(part.closest('svg'), getComputedStyle(part).fill, 3);
for (const part of document.querySelectorAll('.free')) check(part.closest('svg'), getComputedStyle(part).stroke, 3);
for (const dot of document.querySelectorAll('.dot')) check(dot.parentElement, getComputedStyle(dot).backgroundColor, 3);
return [...found].map(([name, ratio]) => name + ': ' + ratio);
`);

/** In an SVG picture: boxes and texts that lie over each other, and what leaves its box or the picture. */
export const SVG_FAULTS = `(() => {
const found = [];
const rect = (element) => element.getBoundingClientRect();
const inside = (inner, outer) =>
  inner.left >= outer.left - 0.6 && inner.right <= outer.right + 0.6 &&
  inner.top >= outer.top - 0.6 && inner.bottom <= outer.bottom + 0.6;
const overlap = (a, b) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.6 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.6;
const apart = (elements) => elements.forEach((one, index) => elements.slice(index + 1).forEach((other) => {
  if (overlap(rect(one), rect(other))) found.push(one.textContent.slice(0, 40) + ' over ' + other.textContent.slice(0, 40));
}));
const page = rect(document.documentElement);
const boxes = [...document.querySelectorAll('.box')];
apart(boxes);
for (const box of boxes) {
  const frame = rect(box.querySelector('.frame'));
  if (!inside(frame, page)) found.push('a box leaves the picture');
  const parts = [...box.querySelectorAll('text, g')];
  for (const part of parts) if (!inside(rect(part), frame)) found.push(part.textContent + ' leaves its box');
  apart(parts);
}
apart([...document.querySelectorAll('svg > text, svg > g')]);
for (const text of document.querySelectorAll('svg > text')) {
  if (!inside(rect(text), page)) found.push(text.textContent + ' leaves the picture');
}
return found;
})()`;
