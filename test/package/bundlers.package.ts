import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { Browser } from '../pictures/browser.ts';
import { DOCUMENTS_PROGRAM, FOUND } from './sample.ts';

const project = inject('project');
const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** Bundles the program as a script for browsers; nothing is left out of it, and nothing may be complained of. */
const BUNDLERS: Readonly<Record<string, (entry: string, target: string) => Promise<void>>> = {
  async esbuild(entry, target) {
    const { warnings } = await esbuild({
      entryPoints: [entry],
      outfile: target,
      bundle: true,
      format: 'iife',
      logLevel: 'silent',
    });
    expect(warnings).toEqual([]);
  },
  async vite(entry, target) {
    const complaints: string[] = [];
    const complain = (message: string): void => void complaints.push(message);
    await vite({
      root: project,
      configFile: false,
      logLevel: 'warn',
      customLogger: {
        info: () => {},
        warn: complain,
        warnOnce: complain,
        error: complain,
        clearScreen: () => {},
        hasErrorLogged: () => false,
        hasWarned: false,
      },
      build: {
        lib: { entry, formats: ['iife'], name: 'program', fileName: () => 'vite.js' },
        outDir: join(target, '..'),
        emptyOutDir: false,
      },
    });
    expect(complaints).toEqual([]);
  },
};

describe.each(Object.entries(BUNDLERS))('bundled by %s, virt-nodedev/documents', (name, bundle) => {
  const target = join(project, 'bundles', `${name}.js`);

  it('works without Node', async () => {
    const entry = join(project, `${name}-entry.ts`);
    writeFileSync(entry, DOCUMENTS_PROGRAM);
    await bundle(entry, target);
    // What is in every browser, and not in the language.
    const globals = { TextDecoder, TextEncoder, URL, found: undefined };
    runInNewContext(readFileSync(target, 'utf8'), globals);
    expect(globals.found).toEqual(FOUND);
  });

  it.skipIf(chromium === undefined)('works in Chromium', async () => {
    process.env['CHROMIUM'] = chromium;
    const browser = await Browser.start();
    onTestFinished(() => browser.close());
    const script = readFileSync(target, 'utf8').replaceAll('</script', String.raw`<\/script`);
    const page = `<!doctype html><meta charset="utf-8"><script>${script}</script>`;
    await browser.show(page, 'html', { width: 400, scheme: 'light' });
    expect(browser.complaints).toEqual([]);
    expect(await browser.evaluate('globalThis.found')).toEqual(FOUND);
  });
});
