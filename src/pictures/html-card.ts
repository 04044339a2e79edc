import type { TopologyType } from '../plan/room.ts';
import { cell, unit } from './html-table.ts';
import { cardFacts, count, freeLabel, loadLabel, shortIds } from './labels.ts';
import { element, type Markup } from './markup.ts';
import { loadBarImage, typeBarImage } from './svg-bar.ts';
import {
  type CardView,
  type DeviceView,
  markOf,
  type GroupDevices,
  type TypeLine,
} from './view.ts';

/** Up to so many cards are open at first. With more, all are closed, and their headings are an overview. */
const FEW = 8;

/** A card of the page. It is open when it is the only one, or when there are few cards and it has devices. */
export function cardSection(view: CardView, index: number, all: readonly CardView[]): Markup {
  const { card, title, lines, spent, groups } = view;
  const isBusy = card.devices.length > 0 && all.length <= FEW;
  const open = isBusy || all.length === 1 ? true : undefined;
  const label = loadLabel(card);
  return element('details', { class: 'card', id: `card-${index + 1}`, open }, [
    element('summary', {}, [
      element('div', { class: 'title' }, [
        element('h3', {}, [title]),
        element('span', { class: 'soft' }, [cardFacts(card).join(', ')]),
        ...(card.devices.length > 0 || lines.length === 0 ? [] : [offers(lines)]),
      ]),
      element('div', { class: 'load' }, [
        ...(card.load === undefined ? [] : [loadBarImage(card.load, label)]),
        element('span', {}, [label]),
      ]),
    ]),
    element('div', { class: 'body' }, [
      ...(lines.length === 0 ? [] : [typesTable(title, lines)]),
      ...(spent.length === 0
        ? []
        : [folded(`${count(spent.length, 'type')} with none left`, typeChips(spent))]),
      ...groups.map((group) => groupSection(group, card.parents.length > 1)),
      ...parentsList(view),
    ]),
  ]);
}

/** What an empty card offers, in words: it is closed at first. */
function offers(lines: readonly TypeLine[]): Markup {
  const each = lines.map((line) => `${freeLabel(line)} × ${shortIds(line.types).join(', ')}`);
  return element('span', { class: 'soft' }, [`offers ${each.join('; ')}`]);
}

function typesTable(title: string, lines: readonly TypeLine[]): Markup {
  const headings = ['Used', 'Free', 'Of the maximum', 'Types'].map((heading, column) =>
    element(
      'th',
      { scope: 'col', role: 'columnheader', class: column < 2 ? 'number' : undefined },
      [heading],
    ),
  );
  return element('table', { class: 'types', role: 'table', 'aria-label': `Types of ${title}` }, [
    element('thead', { role: 'rowgroup' }, [element('tr', { role: 'row' }, headings)]),
    element('tbody', { role: 'rowgroup' }, lines.map(typesRow)),
  ]);
}

function typesRow(line: TypeLine): Markup {
  return element('tr', { role: 'row' }, [
    cell([String(line.used), unit(' used')], 'number'),
    cell([freeLabel(line), unit(' free')], 'number'),
    cell([typeBarImage(line)], 'graph'),
    cell([typeChips(line.types)]),
  ]);
}

function typeChips(types: readonly TopologyType[]): Markup {
  return element(
    'ul',
    { class: 'chips' },
    types.map(({ id, name }) =>
      element('li', {}, [
        element('code', {}, [id]),
        ...(name === undefined || id.includes(name) ? [] : [` ${name}`]),
      ]),
    ),
  );
}

/** The devices of one group on one card, or the devices without a group. */
export function groupSection(group: GroupDevices, withParent: boolean): Markup {
  const { name, owner, open, number, devices } = group;
  const mark = number === undefined ? 'group' : `group ${markOf(number)}`;
  return element('section', { class: mark }, [
    element('h4', {}, [
      name ?? 'No group',
      ...(owner === undefined ? [] : [element('span', {}, [`for domain ${owner}`])]),
      ...(open ? [element('span', { class: 'soft' }, ['in use'])] : []),
    ]),
    element(
      'ul',
      { class: 'devices' },
      devices.map((device) => element('li', {}, deviceParts(device, withParent))),
    ),
  ]);
}

function deviceParts(device: DeviceView, withParent: boolean): readonly Markup[] {
  const { uuid, label, alias, parent, active } = device;
  const parts = [
    label,
    ...(withParent ? [`on ${parent}`] : []),
    ...(alias === undefined ? [] : [alias]),
    ...(active ? [] : ['inactive']),
  ];
  return [element('code', {}, [uuid]), ...parts.map((text) => element('span', {}, [text]))];
}

/** The parents of a card that has several, and which of them have a device. */
function parentsList({ card }: CardView): readonly Markup[] {
  if (card.parents.length < 2) return [];
  const taken = new Set(card.devices.flatMap(({ parent, active }) => (active ? [parent] : [])));
  const chips = card.parents.map(({ address }) =>
    taken.has(address)
      ? element('li', { class: 'in' }, [element('code', {}, [address]), ' in use'])
      : element('li', {}, [element('code', {}, [address])]),
  );
  const title = `${card.parents.length} parents, ${taken.size} with a device`;
  return [folded(title, element('ul', { class: 'chips parents' }, chips))];
}

function folded(title: string, content: Markup): Markup {
  return element('details', { class: 'inner' }, [element('summary', {}, [title]), content]);
}
