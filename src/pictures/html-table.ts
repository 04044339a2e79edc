import { element, type Markup } from './markup.ts';

// A narrow screen shows tables as blocks, which would take their meaning away: roles are written out.

/** A cell of a table. */
export function cell(children: readonly Markup[], look?: string): Markup {
  return element('td', { role: 'cell', class: look }, children);
}

/** What a cell is of, where there is no room for headings. */
export function unit(text: string): Markup {
  return element('span', { class: 'unit' }, [text]);
}
