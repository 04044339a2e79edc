/** The page's style sheet. Without `<` and `&`, so that the page is XML too. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f5f7, #14171c);
  --card: light-dark(#ffffff, #1d2128);
  --line: light-dark(#d5d9e0, #363c47);
  --text: light-dark(#1b1f26, #e6e9ee);
  --soft: light-dark(#545c69, #a4adbb);
  --link: light-dark(#0b57c2, #85b7ff);
  --used: light-dark(#1d5fd0, #6ea5ff);
  --free-line: light-dark(#2f8558, #4fb382);
  --free: light-dark(#d8f0e2, #1e3a2c);
  --taken: light-dark(#7a818d, #7f8896);
  --chip: light-dark(#eceff3, #2a303a);
}
:root:has(#theme-light:checked) { color-scheme: light; }
:root:has(#theme-dark:checked) { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3, h4, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.375rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; margin: 2rem 0 .75rem; }
h3, h4 { font-size: 1rem; }
h3, code { overflow-wrap: anywhere; min-width: 0; }
code, td.number { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .875rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); z-index: 1; }
.skip:focus { top: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); }
header, main, footer { max-width: 75rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; justify-content: space-between; }
footer { padding-block: 2rem; font-size: .875rem; }
.theme { border: 1px solid var(--line); border-radius: .5rem; padding: .125rem; margin: 0; display: flex; background: var(--card); font-size: .875rem; }
.theme label { position: relative; padding: .25rem .75rem; border-radius: .375rem; cursor: pointer; }
.theme label:has(:checked) { background: var(--chip); font-weight: 600; }
.theme label:has(:focus-visible) { outline: 3px solid var(--link); }
.theme input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
.numbers div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; display: flex; flex-direction: column-reverse; min-width: 6.5rem; }
.numbers dt { color: var(--soft); font-size: .875rem; }
.numbers dd { font-size: 1.5rem; line-height: 1.2; font-weight: 600; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: 1rem; font-size: .875rem; }
.key li { display: flex; gap: .5rem; align-items: center; }
.key .bar { width: 2rem; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-top: 1.25rem; }
.tools label { flex: 1 1 16rem; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; font-weight: 600; }
input[type=search] { font-weight: 400; flex: 1 1 12rem; min-width: 0; font-family: inherit; font-size: inherit; color: inherit; background: var(--card); border: 1px solid var(--taken); border-radius: .5rem; padding: .375rem .75rem; }
::placeholder { color: var(--soft); opacity: 1; }
button { font: inherit; font-size: .875rem; color: inherit; background: var(--card); border: 1px solid var(--taken); border-radius: .5rem; padding: .375rem .75rem; cursor: pointer; }
button:hover, .tiles a:hover, summary:hover { background: var(--chip); }
.bar { display: block; width: 100%; height: .75rem; overflow: visible; }
.used { fill: var(--used); }
.free { fill: var(--free); stroke: var(--free-line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.taken { fill: var(--taken); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9.5rem, 100%), 1fr)); gap: .5rem; }
.tiles li { min-width: 0; }
.tiles a { display: grid; gap: .25rem; height: 100%; align-content: start; padding: .5rem .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; color: inherit; text-decoration: none; font-size: .875rem; }
.tiles code { color: var(--link); }
.tiles .soft { display: flex; flex-wrap: wrap; gap: 0 .5rem; justify-content: space-between; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .75rem; }
.card > summary { display: grid; grid-template-columns: 1rem minmax(0, 1fr) minmax(0, 18rem); gap: .25rem .75rem; align-items: center; padding: .75rem 1rem; cursor: pointer; border-radius: .5rem; list-style: none; }
.card > summary::-webkit-details-marker { display: none; }
.card > summary::before { content: ""; width: .5rem; height: .5rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(-45deg); }
.card[open] > summary::before { transform: rotate(45deg); }
.card[open] > summary { border-bottom: 1px solid var(--line); border-radius: .5rem .5rem 0 0; }
.title { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; min-width: 0; overflow-wrap: anywhere; }
.load { display: grid; gap: .25rem; font-size: .875rem; min-width: 0; }
.body { padding: 1rem; display: grid; gap: 1rem; }
.body > * { min-width: 0; }
table { border-collapse: collapse; width: 100%; }
th { text-align: start; font-size: .875rem; color: var(--soft); font-weight: 600; padding: 0 .75rem .375rem 0; }
td { padding: .375rem .75rem .375rem 0; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.types .number { text-align: end; white-space: nowrap; width: 1%; }
.types .graph { width: 12rem; padding-top: .75rem; }
.chips { display: flex; flex-wrap: wrap; gap: .25rem; min-width: 0; }
.chips li { background: var(--chip); border-radius: .375rem; padding: 0 .5rem; font-size: .875rem; max-width: 100%; overflow-wrap: anywhere; }
.chips .in { outline: 2px solid var(--used); outline-offset: -2px; }
.inner > summary { cursor: pointer; padding: .25rem .5rem; margin-left: -.5rem; border-radius: .375rem; }
.inner > .chips { padding-top: .5rem; }
.group { border-inline-start: 4px solid var(--mark, var(--line)); padding-inline-start: .75rem; }
.group h4 { display: flex; flex-wrap: wrap; gap: 0 .5rem; overflow-wrap: anywhere; }
.group h4 span { font-weight: 400; }
.devices li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .25rem 0; overflow-wrap: anywhere; }
.devices li + li { border-top: 1px solid var(--line); }
.devices li > * { min-width: 0; }
.groups td > ul { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.dot { display: inline-block; width: .75rem; height: .75rem; border-radius: 50%; background: var(--mark, var(--line)); margin-inline-end: .5rem; }
.mark-0 { --mark: light-dark(#a8470a, #f0a060); }
.mark-1 { --mark: light-dark(#6c3fc4, #b79af5); }
.mark-2 { --mark: light-dark(#087a7a, #4cc4c4); }
.mark-3 { --mark: light-dark(#b3245c, #f28ab2); }
.mark-4 { --mark: light-dark(#7a6a00, #d6c248); }
.mark-5 { --mark: light-dark(#35528f, #8fb0ee); }
.problems li { padding: .25rem 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .card > summary { grid-template-columns: 1rem minmax(0, 1fr); }
  .load { grid-column: 2; }
  .types, .types tbody, .groups, .groups tbody { display: block; }
  .types thead, .groups thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .types tr { display: grid; grid-template-columns: auto auto minmax(0, 1fr); gap: .25rem .75rem; align-items: center; border-top: 1px solid var(--line); padding: .5rem 0; }
  .types td { border: 0; padding: 0; }
  .types td.number { width: auto; text-align: start; }
  .types td.graph { width: auto; padding: 0; }
  .types tr:first-child { border: 0; }
  .groups tr { display: grid; gap: .125rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem; margin-bottom: .5rem; }
  .groups td { border: 0; padding: 0; }
  .devices code { font-size: .75rem; }
  .numbers { gap: .5rem; }
  .numbers div { flex: 1 1 4rem; min-width: min-content; padding: .5rem; }
  .types td:last-child { grid-column: 1 / -1; }
}
@media (min-width: 40.01rem) { td .unit { display: none; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { .tools, .theme, .skip { display: none; } }
`;

/** The page's filter, and what opens a card that is linked to. Without it everything is still there to read. */
export const SCRIPT = `
const byId = (id) => document.getElementById(id);
const cards = [...document.querySelectorAll('details.card')];
const tiles = [...document.querySelectorAll('.tiles li')];
const rows = [...document.querySelectorAll('.groups tbody tr')];
const textOf = (item) => item.textContent.toLowerCase();
// Not what a card has none left of: whoever looks for a type wants those that have it.
const partsOf = (card) => [...card.querySelectorAll('summary, .types, .group, .parents')];
const texts = new Map([
  ...cards.map((card) => [card, partsOf(card).map(textOf).join(' ')]),
  ...rows.map((row) => [row, textOf(row)]),
]);
const filter = byId('filter');
const apply = () => {
  const words = filter.value.toLowerCase().split(/\\s+/u);
  const matches = (item) => words.every((word) => texts.get(item).includes(word));
  let shown = 0;
  cards.forEach((card, index) => {
    card.hidden = !matches(card);
    if (tiles[index]) tiles[index].hidden = card.hidden;
    if (!card.hidden) shown += 1;
  });
  for (const row of rows) row.hidden = !matches(row);
  byId('shown').textContent = shown + ' of ' + cards.length + (cards.length === 1 ? ' card' : ' cards');
};
const reveal = () => {
  const card = byId(location.hash.slice(1));
  if (cards.includes(card)) {
    card.open = true;
    card.scrollIntoView();
    card.querySelector('summary').focus();
  }
};
filter.addEventListener('input', apply);
for (const link of document.querySelectorAll('a[href^="#card-"]')) {
  link.addEventListener('click', () => setTimeout(reveal));
}
byId('open').addEventListener('click', () => cards.forEach((card) => { card.open = true; }));
byId('close').addEventListener('click', () => cards.forEach((card) => { card.open = false; }));
byId('tools').hidden = false;
apply();
reveal();
`;
