import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { expect, it } from 'vitest';
import { drivers } from '../src/drivers/registry.ts';

/** The layers of ARCHITECTURE.md, top first: an import goes to the same layer or one further down. */
const LAYERS = [
  'cli',
  'lsp',
  'remote',
  'pictures',
  'exports',
  'reservations',
  'fleet',
  'plan',
  'engine',
  'domain',
  'policy',
  'host',
  'drivers',
  'nodedev',
  'relaxng',
  'xml',
  'etcd',
];
/** Beside the layers, for all of them. */
const SHARED = new Set([
  'arguments.ts',
  'bytes.ts',
  'bounded-read.ts',
  'codes.ts',
  'errors.ts',
  'group-by.ts',
  'libvirt-sentences.ts',
  'shell-word.ts',
  'suggest.ts',
  'terminal-text.ts',
  'utf8-size.ts',
]);
/**
 * What the command uses of the layers below it, as folders and files: what is done with hosts, not how they are read.
 * A chunk of the command loads what it imports, so each command imports the modules it needs and not the public index.
 */
const FOR_THE_COMMAND = [
  'lsp/',
  'remote/',
  'pictures/',
  'exports/',
  'reservations/',
  'etcd/',
  'fleet/',
  'plan/',
  'engine/definitions/definitions.ts',
  'engine/call-options.ts',
  'engine/card-info.ts',
  'engine/events/device-event.ts',
  'engine/listed-device.ts',
  'engine/mdevctl-view.ts',
  'engine/results.ts',
  'engine/simulation-options.ts',
  'engine/sources.ts',
  'engine/uri-of-word.ts',
  'engine/validate/',
  'domain/',
  'policy/',
  'drivers/registry.ts',
  'drivers/type-fields.ts',
  'drivers/type-order.ts',
  'host/capture/',
  'host/simulated/calls.ts',
  'engine/init-host.ts',
  'host/simulated/samples.ts',
  'nodedev/',
];
/** The public API: what programs import. */
const DOORS = new Set(['index.ts', 'documents.ts', 'fleet.ts']);
const XML_LIBRARIES = new Set(['fast-xml-parser', 'saxes', 'xmlbuilder2', 'xpath']);

/** Pure by ARCHITECTURE.md: no I/O, no process. */
const PURE = new Set([
  'pictures',
  'exports',
  'plan',
  'domain',
  'policy',
  'drivers',
  'nodedev',
  'relaxng',
  'xml',
]);
/** Node's modules that only compute. */
const COMPUTING = new Set(['node:buffer', 'node:crypto', 'node:path']);

/** Vendors' names, and how Linux and PCI call them; `vfio-ap` and `vfio-ccw` are libvirt's models. Parts of words too. */
const VENDOR = new RegExp(
  [
    ...drivers.map(({ name }) => name),
    String.raw`\bintel`,
    'gvt',
    'sriov-manage',
    '10de',
    '0x8086',
  ].join('|'),
  'i',
);
/**
 * Where the code outside drivers/ names a vendor all the same. Comments may give an id or a name in backticks, as an
 * example of what the data looks like.
 */
const NAMING_VENDORS: Readonly<Record<string, string>> = {
  'cli/commands/create.ts': 'an example of a command line',
  'cli/commands/define.ts': 'an example of a command line',
  'cli/commands/explain.ts': 'an example of a command line',
  'cli/commands/export.ts': 'an example of a command line',
  'cli/commands/predict.ts': 'an example of a command line',
  'cli/commands/sim-init.ts': 'an example of a command line',
  'cli/help.ts': 'an example of a command line',
  'engine/doctor/hardware.ts': "libvirt's own list of subsystems names the kernel's sample",
  'engine/validate/examples/documents.ts': 'examples of documents',
  'host/simulated/example-profile.ts': 'the name of a profile',
};

interface Import {
  readonly file: string;
  /** As written. */
  readonly specifier: string;
}

interface Source {
  readonly file: string;
  readonly text: string;
  /** The syntax tree as JSON: all of the code, and no comment. */
  readonly code: string;
}

/** JSON has no bigint; a literal's digits are not what is asked for. */
const withoutBigInts = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}` : value;

const sources: readonly Source[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readFileSync(join('src', file), 'utf8');
    return { file, text, code: JSON.stringify(parseAst(text, { lang: 'ts' }), withoutBigInts) };
  });

/** Imports and exports of every kind: of values and types, static and dynamic. */
const imports: readonly Import[] = sources.flatMap(({ file, code }) =>
  [...code.matchAll(/"(?:source|argument)":\{"type":"Literal","value":"([^"]+)"/g)].map(
    (match) => ({
      file,
      specifier: match[1] ?? '',
    }),
  ),
);

/** The file of `src` a relative import leads to. */
const targetOf = ({ file, specifier }: Import): string =>
  relative('src', join('src', dirname(file), specifier));

const layerOf = (file: string): string => file.split(sep)[0] ?? '';

/** Whether a relative import obeys the rule: downwards, and from the command only to what is for it. */
function isAllowed({ file, specifier }: Import): boolean {
  const from = layerOf(file);
  const target = targetOf({ file, specifier });
  const to = layerOf(target);
  if (from === 'cli' && to !== 'cli' && !SHARED.has(to)) {
    return FOR_THE_COMMAND.some((allowed) => target.startsWith(allowed));
  }
  if (!LAYERS.includes(from)) return DOORS.has(from) || SHARED.has(to);
  return SHARED.has(to) || LAYERS.indexOf(to) >= LAYERS.indexOf(from);
}

it('finds imports at all', () => {
  const written = sources.flatMap(({ text }) => text.match(/\bfrom '|\bimport\('/g) ?? []);
  expect(imports.length).toBeGreaterThan(1000);
  expect(imports.length).toBeGreaterThanOrEqual(written.length);
});

it('imports go downwards only', () => {
  const relativeImports = imports.filter(({ specifier }) => specifier.startsWith('.'));
  expect(relativeImports.filter((entry) => !isAllowed(entry))).toEqual([]);
});

it('only xml/ imports an XML library', () => {
  const outside = imports.filter(({ file }) => layerOf(file) !== 'xml');
  expect(
    outside.filter(({ specifier }) => XML_LIBRARIES.has(specifier.split('/')[0] ?? '')),
  ).toEqual([]);
});

it('what is pure does no I/O', () => {
  const impure = sources
    .filter(({ file }) => PURE.has(layerOf(file)))
    .flatMap(({ file, code }) => {
      const modules = [...code.matchAll(/"value":"(node:[a-z/_]+)"/g)].map(
        (match) => match[1] ?? '',
      );
      const globals = /"Identifier"[^{}]*"name":"(?:process|fetch)"/.test(code) ? ['process'] : [];
      return [...modules.filter((name) => !COMPUTING.has(name)), ...globals].map(
        (what) => `${file} uses ${what}`,
      );
    });
  expect(impure).toEqual([]);
});

it('only drivers/ names vendors', () => {
  const naming = sources.filter(({ file }) => layerOf(file) !== 'drivers');
  expect(
    naming
      .filter(({ code }) => VENDOR.test(code))
      .map(({ file }) => file)
      .toSorted(),
  ).toEqual(Object.keys(NAMING_VENDORS));
  const comments = naming.flatMap(({ file, text }) =>
    (text.match(/^\s*(?:\/?\*|\/\/).*$|\/\/ .*$/gm) ?? [])
      .filter((line) => VENDOR.test(line.replaceAll(/`[^`]*`/g, '')))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(comments).toEqual([]);
});

it('no file imports itself, at once or through others', () => {
  const targets = new Map<string, string[]>();
  for (const entry of imports.filter(({ specifier }) => specifier.startsWith('.'))) {
    targets.set(entry.file, [...(targets.get(entry.file) ?? []), targetOf(entry)]);
  }
  const reachedFrom = (file: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const open = [...(targets.get(file) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...(targets.get(next) ?? []));
    }
    return found;
  };
  const circles = sources.map(({ file }) => file).filter((file) => reachedFrom(file).has(file));
  expect(circles).toEqual([]);
});
