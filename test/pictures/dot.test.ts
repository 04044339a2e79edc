import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { topologyDot } from '../../src/index.ts';
import { readXml } from '../../src/xml/read.ts';
import { anyTopology } from './arbitrary.ts';
import { read, twoGroups, virtualFunctions } from './hosts.ts';

it.each([
  ['two-groups', twoGroups],
  ['virtual-functions', virtualFunctions],
])('%s', async (name, make) => {
  await expect(topologyDot(await read(make))).toMatchFileSnapshot(`golden/${name}.dot`);
});

/** One statement of those we write (https://graphviz.org/doc/info/lang.html), its label in angle brackets last. */
const ATTRIBUTES = /^ {2}([a-z]+[0-9]*(?:_device[0-9]+)?) \[[a-z]+=[^<]*?, label=<(.*)>\];$/u;
const DEFAULTS = /^ {2}(?:node|edge) \[[^<>]*\];$/u;
const EDGE = /^ {2}(\w+) -> (\w+);$/u;

it('keeps to the grammar whatever names there are, and joins only what there is', () => {
  fc.assert(
    fc.property(anyTopology, (host) => {
      const lines = topologyDot(host).split('\n');
      expect(lines[0]).toBe('digraph topology {');
      expect(lines.slice(-2)).toEqual(['}', '']);
      const statements = lines.slice(1, -2);
      const other = statements.filter((line) => !DEFAULTS.test(line) && !EDGE.test(line));
      const nodes = other.map((line) => ATTRIBUTES.exec(line));
      expect(nodes).not.toContain(null);
      const labels = nodes.map((match) => readXml(`<label>${match?.[2] ?? ''}</label>`).root);
      expect(labels.filter(({ children }) => children.length === 0)).toEqual([]);
      const ids = nodes.map((match) => match?.[1]);
      expect(new Set(ids).size).toBe(ids.length);
      const joined = statements.flatMap((line) => EDGE.exec(line)?.slice(1) ?? []);
      expect(joined.filter((id) => !ids.includes(id))).toEqual([]);
    }),
    { numRuns: 80 },
  );
});
