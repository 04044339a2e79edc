import { createHash } from 'node:crypto';
import { withArguments } from '../arguments.ts';
import type { Topology } from '../plan/topology.ts';
import { cardSection, groupSection } from './html-card.ts';
import { cell, unit } from './html-table.ts';
import { SCRIPT, STYLE } from './html-assets.ts';
import { legend, loadLabel, readLabel } from './labels.ts';
import { element, formatMarkup, type Markup } from './markup.ts';
import { loadBarImage, typeShapes } from './svg-bar.ts';
import { type CardView, markOf, type GroupView, type TopologyView, topologyView } from './view.ts';
import { topologyShape } from './topology-shape.ts';

/**
 * The host as one page that loads nothing. It has a light and a dark theme, and works with a keyboard and a screen reader.
 * Without scripts only the filter is missing. Its content security policy allows its own style and script and nothing
 * else: even if some text were not escaped, nothing in it would run.
 */
export function topologyHtml(topology: Topology): string {
  return withArguments('topologyHtml', [topologyShape], [topology], () => htmlOf(topology));
}

function htmlOf(topology: Topology): string {
  const view = topologyView(topology);
  const page = element('html', { lang: 'en' }, [
    head(topology.uri),
    element('body', {}, [
      element('a', { class: 'skip', href: '#cards' }, ['Skip to the cards']),
      header(view),
      element('main', {}, [
        numbers(view),
        key(),
        ...(view.cards.length === 0 ? [] : [tools()]),
        ...problems(topology),
        ...overview(view),
        ...groupsTable(view),
        ...cards(view),
        ...absent(view),
      ]),
      element('footer', { class: 'soft' }, [
        'Counts are of each type on its own: a device of one type takes room from the others. Where it says "at most", the driver keeps a limit to itself.',
      ]),
      ...(view.cards.length === 0 ? [] : [element('script', {}, [SCRIPT])]),
    ]),
  ]);
  return `<!DOCTYPE html>\n${formatMarkup(page)}\n`;
}

function head(uri: string): Markup {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return element('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, [`Mediated devices of ${uri}`]),
    element('style', {}, [STYLE]),
  ]);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function header({ topology }: TopologyView): Markup {
  const themes = ['System', 'Light', 'Dark'].map((name) => {
    const id = `theme-${name.toLowerCase()}`;
    const checked = name === 'System' ? true : undefined;
    return element('label', {}, [
      element('input', { type: 'radio', name: 'theme', id, checked }),
      name,
    ]);
  });
  return element('header', {}, [
    element('div', {}, [
      element('h1', {}, ['Mediated devices']),
      element('p', { class: 'soft' }, [element('code', {}, [topology.uri])]),
      ...readLabel(topology).map((label) => element('p', { class: 'soft' }, [label])),
    ]),
    element('fieldset', { class: 'theme' }, [
      element('legend', { class: 'unseen' }, ['Colours']),
      ...themes,
    ]),
  ]);
}

function numbers({ topology, devices, groups }: TopologyView): Markup {
  const parents = topology.cards.reduce((sum, card) => sum + card.parents.length, 0);
  const facts = [
    ['Card', topology.cards.length],
    ...(parents === topology.cards.length ? [] : ([['Parent', parents]] as const)),
    ['Device', devices],
    ['Group', groups.filter(({ name }) => name !== undefined).length],
    ['Domain', topology.domains.length],
  ] as const;
  return element(
    'dl',
    { class: 'numbers' },
    facts.map(([name, value]) =>
      element('div', {}, [
        element('dt', {}, [value === 1 ? name : `${name}s`]),
        element('dd', {}, [String(value)]),
      ]),
    ),
  );
}

function key(): Markup {
  const examples = [
    [{ used: 1, free: 0 }, legend.used],
    [{ used: 0, free: 1 }, legend.free],
    [{ used: 0, free: 0 }, legend.taken],
  ] as const;
  return element(
    'ul',
    { class: 'key', 'aria-label': 'What the bars mean' },
    examples.map(([counts, text]) => {
      const shapes = typeShapes({ ...counts, confidence: 'exact' });
      const attributes = { class: 'bar', viewBox: '0 0 160 10', 'aria-hidden': 'true' };
      return element('li', {}, [
        element('svg', { ...attributes, preserveAspectRatio: 'none' }, shapes),
        text,
      ]);
    }),
  );
}

/** Hidden until the script shows it, because it does nothing without the script. */
function tools(): Markup {
  return element('div', { class: 'tools', id: 'tools', role: 'search', hidden: true }, [
    element('label', {}, [
      'Filter',
      element('input', {
        type: 'search',
        id: 'filter',
        placeholder: 'type, group, domain, uuid, parent',
        autocomplete: 'off',
      }),
    ]),
    element('output', { id: 'shown', for: 'filter', class: 'soft' }),
    element('button', { type: 'button', id: 'open' }, ['Open all']),
    element('button', { type: 'button', id: 'close' }, ['Close all']),
  ]);
}

function problems({ problems: found }: Topology): readonly Markup[] {
  if (found.length === 0) return [];
  return [
    element('h2', {}, ['Could not be read']),
    element(
      'ul',
      { class: 'problems' },
      found.map(({ message, hint }) =>
        element('li', {}, [hint === undefined ? message : `${message}: ${hint}`]),
      ),
    ),
  ];
}

/** A tile for each card, when there are several. */
function overview({ cards: all }: TopologyView): readonly Markup[] {
  if (all.length < 2) return [];
  return [
    element('h2', {}, ['Overview']),
    element(
      'ol',
      { class: 'tiles' },
      all.map((view, index) => element('li', {}, [tile(view, index)])),
    ),
  ];
}

function tile({ card }: CardView, index: number): Markup {
  const [first, ...others] = card.parents;
  const name = first?.address ?? '';
  const label = loadLabel(card);
  const [load = '', ...rest] = label.split(' full, ');
  return element('a', { href: `#card-${index + 1}` }, [
    element('code', {}, [others.length === 0 ? name : `${name} +${others.length}`]),
    ...(card.load === undefined ? [] : [loadBarImage(card.load, label)]),
    element(
      'span',
      { class: 'soft' },
      [load, ...rest].map((text) => element('span', {}, [text])),
    ),
  ]);
}

function groupsTable({ groups: all, cards: views }: TopologyView): readonly Markup[] {
  if (all.length === 0) return [];
  const links = new Map(views.map(({ title }, index) => [title, `#card-${index + 1}`]));
  const headings = ['Domain', 'Group', 'Devices', 'Types', 'On'].map((heading) =>
    element('th', { scope: 'col', role: 'columnheader' }, [heading]),
  );
  return [
    element('h2', { id: 'groups' }, ['Groups and domains']),
    element('table', { class: 'groups', role: 'table', 'aria-labelledby': 'groups' }, [
      element('thead', { role: 'rowgroup' }, [element('tr', { role: 'row' }, headings)]),
      element(
        'tbody',
        { role: 'rowgroup' },
        all.map((view) => groupRow(view, links)),
      ),
    ]),
  ];
}

function groupRow(view: GroupView, links: ReadonlyMap<string, string>): Markup {
  const { name, owner, open, number, group, cards: on, types } = view;
  const { length } = group.members;
  const places = on.map((title) => {
    const href = links.get(title);
    return element('li', {}, [href === undefined ? title : element('a', { href }, [title])]);
  });
  return element('tr', { role: 'row' }, [
    cell([
      owner === undefined ? 'No domain' : unit('Domain '),
      owner ?? '',
      ...(open ? [' (in use)'] : []),
    ]),
    cell([
      ...(number === undefined ? [] : [element('span', { class: `dot ${markOf(number)}` })]),
      unit('Group '),
      name ?? 'no name',
    ]),
    cell([String(length), unit(length === 1 ? ' device' : ' devices')]),
    cell([types.join(', ')]),
    cell([element('ul', {}, places)]),
  ]);
}

function cards({ cards: all }: TopologyView): readonly Markup[] {
  return [
    element('h2', { id: 'cards', tabindex: -1 }, ['Cards']),
    ...(all.length === 0 ? [element('p', {}, ['No card offers mediated devices.'])] : []),
    ...all.map(cardSection),
  ];
}

function absent({ absent: groups }: TopologyView): readonly Markup[] {
  if (groups.length === 0) return [];
  return [
    element('h2', {}, ['Definitions whose parent is not there']),
    ...groups.map((group) => groupSection(group, true)),
  ];
}
