import { element, type Markup } from './markup.ts';

// On a narrow screen the tables are shown as blocks, which are no tables for a screen reader: so roles are written out.

/** A cell of a table. */
export function cell(children: readonly Markup[], look?: string): Markup {
  return element('td', { role: 'cell', class: look }, children);
}

/** The unit of a cell's value. It is shown on narrow screens, which have no room for the headings. */
export function unit(text: string): Markup {
  return element('span', { class: 'unit' }, [text]);
}
