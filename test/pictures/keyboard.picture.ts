import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Topology, topologyHtml } from '../../src/index.ts';
import { Browser } from './browser.ts';
import { busyCards, read, twoGroups } from './hosts.ts';

let browser: Browser;
let topology: Topology | undefined;

beforeAll(async () => {
  browser = await Browser.start();
});

afterAll(async () => {
  await browser.close();
});

/** Shows 64 cards, as after loading. */
async function load(): Promise<void> {
  topology ??= await read(busyCards);
  await browser.show(topologyHtml(topology), 'html', { width: 1440, scheme: 'light' });
}

/** What has the focus, and whether one can see that. */
const FOCUS = `(() => {
  const element = document.activeElement;
  const look = getComputedStyle(element.matches('.theme input') ? element.parentElement : element);
  const name = element.id || element.tagName + ' ' + element.textContent.trim().split(' ')[0];
  return look.outlineStyle === 'none' ? name + ', unseen' : name;
})()`;

const focus = (): Promise<string> => browser.evaluate(FOCUS);

/** Presses Tab until something has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await browser.press('Tab');
    if ((await focus()) === name) return;
  }
  expect(await focus()).toBe(name);
}

it('goes through everything in order, and shows where it is', async () => {
  await load();
  const seen: string[] = [];
  for (let presses = 0; presses < 6; presses++) {
    await browser.press('Tab');
    seen.push(await focus());
  }
  expect(seen).toEqual([
    'A Skip',
    'theme-system',
    'filter',
    'open',
    'close',
    expect.stringMatching(/^A 0000:10:00\.0/u),
  ]);
});

it('skips to the cards', async () => {
  await load();
  await browser.press('Tab');
  await browser.press('Enter');
  expect(await browser.evaluate('document.activeElement.id')).toBe('cards');
  await browser.press('Tab');
  expect(await focus()).toBe('SUMMARY pci_0000_10_00_0A40,');
});

const SHOWN = `[...document.querySelectorAll('.card')].filter((card) => card.checkVisibility()).map((card) => card.querySelector('h3').textContent)`;

it('filters by the words on a card, without the types it has none left of', async () => {
  await load();
  await tabTo('filter');
  await browser.type('vm13 nvidia-566');
  expect(await browser.evaluate(SHOWN)).toEqual(['pci_0000_1d_00_0']);
  expect(await browser.evaluate(`document.getElementById('shown').textContent`)).toBe(
    '1 of 64 cards',
  );
  expect(
    await browser.evaluate(`document.querySelectorAll('.tiles li:not([hidden])').length`),
  ).toBe(1);
  await browser.evaluate(`document.getElementById('filter').select()`);
  await browser.type('no such name');
  expect(await browser.evaluate(SHOWN)).toEqual([]);
});

it('opens and closes a card with Enter and with the space bar', async () => {
  await load();
  const isOpen = `document.getElementById('card-1').open`;
  await tabTo('SUMMARY pci_0000_10_00_0A40,');
  expect(await browser.evaluate(isOpen)).toBe(false);
  await browser.press('Enter');
  expect(await browser.evaluate(isOpen)).toBe(true);
  await browser.press(' ');
  expect(await browser.evaluate(isOpen)).toBe(false);
});

it('opens and closes all cards, and the one a link leads to', async () => {
  await load();
  const open = `document.querySelectorAll('.card[open]').length`;
  await tabTo('open');
  await browser.press('Enter');
  expect(await browser.evaluate(open)).toBe(64);
  await tabTo('close');
  await browser.press('Enter');
  expect(await browser.evaluate(open)).toBe(0);
  await browser.press('Tab');
  await browser.press('Tab');
  await browser.press('Enter');
  await expect
    .poll(() => browser.evaluate(`document.activeElement.closest('.card')?.id`))
    .toBe('card-2');
  expect(await browser.evaluate(open)).toBe(1);
});

it('changes its colours, without keeping anything', async () => {
  await load();
  const page = `getComputedStyle(document.body).backgroundColor`;
  const light = await browser.evaluate(page);
  await tabTo('theme-system');
  await browser.press('ArrowRight');
  expect(await browser.evaluate(page)).toBe(light);
  await browser.press('ArrowRight');
  expect(await focus()).toBe('theme-dark');
  expect(await browser.evaluate(page)).not.toBe(light);
  expect(browser.complaints).toEqual([]);
});

it.each([360, 1440])('says to a screen reader what it shows, %i pixels wide', async (width) => {
  const small = await read(twoGroups);
  await browser.show(topologyHtml(small), 'html', { width, scheme: 'light' });
  const all = await browser.accessible();
  const names = (role: string): readonly string[] =>
    all.filter((each) => each.role === role).map(({ name }) => name);
  expect(names('heading').slice(0, 5)).toEqual([
    'Mediated devices',
    'Overview',
    'Groups and domains',
    'Cards',
    'pci_0000_86_00_0',
  ]);
  expect(names('searchbox')).toEqual(['Filter']);
  expect(names('radio')).toEqual(['System', 'Light', 'Dark']);
  expect(names('table')).toEqual([
    'Groups and domains',
    'Types of pci_0000_86_00_0',
    'Types of pci_0000_87_00_0',
  ]);
  expect(names('columnheader').slice(0, 8)).toEqual(
    'Domain,Group,Devices,Types,On,Used,Free,Of the maximum'.split(','),
  );
  expect(names('cell').slice(-4).slice(0, 2)).toEqual([
    expect.stringMatching(/^0/u),
    expect.stringMatching(/^15/u),
  ]);
  expect(names('image')).toContain('2 used, 2 free, of 4');
  expect(names('image').filter((name) => name === '')).toEqual([]);
});
