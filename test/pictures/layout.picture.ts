import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Topology, topologyHtml, topologySvg } from '../../src/index.ts';
import { readSampleProfile } from '../../src/host/simulated/samples.ts';
import { SEED } from '../support/seed.ts';
import { anyTopology } from './arbitrary.ts';
import { Browser, type Look } from './browser.ts';
import { busyCards, newHost, read, twoGroups, virtualFunctions } from './hosts.ts';
import { CONTRASTS, OVERFLOWS, OVERLAPS, SVG_FAULTS } from './measure.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await Browser.start();
});

afterAll(async () => {
  await browser.close();
});

const HOSTS = [
  ['one-card', (folder: string) => newHost(folder, readSampleProfile('nvidia-t4'))],
  ['two-groups', twoGroups],
  ['virtual-functions', virtualFunctions],
  ['many-cards', busyCards],
] as const;

const LOOKS: readonly Look[] = [360, 800, 1440].flatMap((width) => [
  { width, scheme: 'light' },
  { width, scheme: 'dark' },
]);

async function faults(): Promise<readonly string[]> {
  const found = [];
  for (const program of [OVERLAPS, OVERFLOWS, CONTRASTS]) {
    found.push(...(await browser.evaluate<readonly string[]>(program)));
  }
  return [...found, ...browser.complaints];
}

describe.each(HOSTS)('%s', (name, make) => {
  let topology: Topology | undefined;

  it.each(LOOKS)('as a page $width pixels wide, $scheme', async (look) => {
    topology ??= await read(make);
    await browser.show(topologyHtml(topology), 'html', look);
    await browser.screenshot(`${name}-${look.width}-${look.scheme}`);
    expect(await faults()).toEqual([]);
    await browser.evaluate(
      `document.querySelectorAll('details').forEach((each) => { each.open = true; })`,
    );
    expect(await faults()).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('as an SVG picture, %s', async (scheme) => {
    topology ??= await read(make);
    await browser.show(topologySvg(topology), 'svg', { width: 1440, scheme });
    await browser.screenshot(`${name}-svg-${scheme}`);
    expect(await browser.evaluate(SVG_FAULTS)).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });
});

it(`keeps its layout whatever names there are, and runs none of them (SEED=${SEED})`, async () => {
  for (const [index, topology] of fc.sample(anyTopology, { numRuns: 12, seed: SEED }).entries()) {
    const look: Look = { width: index % 2 === 0 ? 360 : 1440, scheme: 'light' };
    await browser.show(topologyHtml(topology), 'html', look);
    await browser.evaluate(
      `document.querySelectorAll('details').forEach((each) => { each.open = true; })`,
    );
    expect(await faults()).toEqual([]);
    await browser.show(topologySvg(topology), 'svg', look);
    expect(await browser.evaluate(SVG_FAULTS)).toEqual([]);
    expect(browser.complaints).toEqual([]);
  }
});
