import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelRules } from '../../../src/host/simulated/kernel.ts';
import { createMemoryHost } from '../../../src/host/simulated/memory.ts';
import { readSampleProfile } from '../../../src/host/simulated/samples.ts';
import { withKernel } from '../support/hosts.ts';

describe('the ways of a kernel', () => {
  it.each([
    ['4.10', 'shim'],
    ['5.13.19', 'shim'],
    ['5.14', ''],
    ['5.15.0-91-generic', ''],
    ['6.0', ''],
    ['6.1.0-56-amd64', 'coreNames coreCounts vfioDev'],
    ['6.5', 'coreNames coreCounts vfioDev'],
    ['6.6', 'coreNames coreCounts vfioDev cdev'],
    ['7.0', 'coreNames coreCounts vfioDev cdev'],
  ])('of Linux %s: %s', (version, wanted) => {
    const rules = Object.entries(kernelRules(version) ?? {});
    const held = rules.filter(([, isSo]) => isSo === true).map(([name]) => name);
    expect(held.join(' ')).toBe(wanted);
  });

  it.each(['4.9', '3.10', '', '6', 'six', '6.x', '6.12evil', '-6.1', '6.1\n'])(
    '%j is none with mediated devices',
    (version) => {
      expect(kernelRules(version)).toBeUndefined();
      const profile = withKernel(readSampleProfile('mixed'), version.replace('\n', '&#10;'));
      expect(() => createMemoryHost(profile)).toThrow(/kernel|version/i);
    },
  );
});

/** What the types of a parent are called, where the profile says no name. */
function namesOf(kernel: string | undefined): readonly (string | undefined)[] {
  const text = readSampleProfile('intel-uhd-620');
  const host = createMemoryHost(kernel === undefined ? text : withKernel(text, kernel));
  const [parent] = host.parents().items;
  return parent === undefined ? [] : host.types(parent).items.map(({ name }) => name);
}

it('since Linux 6.1 a type without a name of its own is called by its id without the driver', () => {
  expect(namesOf(undefined)).toEqual([undefined, undefined]);
  expect(namesOf('5.15')).toEqual([undefined, undefined]);
  expect(namesOf('6.1')).toEqual(['GVTg_V5_4', 'GVTg_V5_8']);
});

it('functions that take a type need a kernel with vfio-dev', () => {
  const text = readSampleProfile('nvidia-l40s');
  expect(() => createMemoryHost(withKernel(text, '5.15'))).toThrow(/newer kernel/);
  expect(createMemoryHost(withKernel(text, '6.8')).parents().items).not.toEqual([]);
});

it('each rule of docs/framework.md has its sources, its place in the code and its test, which there are', () => {
  const text = readFileSync('docs/framework.md', 'utf8');
  const known = new Set([...text.matchAll(/\*\*(\w+)\*\*[,:]/g)].map(([, source]) => source));
  const rows = text.split('\n').filter((line) => /^\| (?!rule \|)/.test(line));
  const wrong = rows.flatMap((row) => {
    const [rule, sources, code, tests, ...more] = row.split('|').slice(1, -1);
    const isRow = more.length === 0 && rule?.trim() !== '';
    const hasSources = (sources ?? '').split(',').every((source) => known.has(source.trim()));
    const files = (cell = '', folder: string) =>
      cell.split(',').every((each) => {
        const [, file = ''] = /^ *`([\w./-]+)` *$/.exec(each) ?? [];
        return file.startsWith(`${folder}/`) && existsSync(file);
      });
    return isRow && hasSources && files(code, 'src') && files(tests, 'test') ? [] : [row];
  });
  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(60);
});
