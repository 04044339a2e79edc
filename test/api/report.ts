import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One declaration of a module, without comments. */
interface Declaration {
  readonly name: string;
  readonly text: string;
}

/** What one `.d.ts` file has. */
interface Module {
  readonly declarations: readonly Declaration[];
  /** By the name used here: the file it comes from, and its name there (`*`: all of it). */
  readonly imports: ReadonlyMap<string, readonly [file: string, name: string]>;
  /** Names given on (`*`: all), and the file they come from. */
  readonly reexports: readonly (readonly [name: string, file: string])[];
}

const modules = new Map<string, Module>();

/**
 * What a door of the package offers, in one text: every declaration it exports, and after them those that these need
 * and that have no name outside. Names of another door are left out.
 *
 * @param door its `.d.ts` as the compiler wrote it
 */
export function apiReport(door: string, without: string | undefined): string {
  const others = new Set(without === undefined ? [] : exportsOf(without).map(keyOf));
  const exported = exportsOf(door).filter((found) => !others.has(keyOf(found)));
  const known = new Set([...others, ...exported.map(keyOf)]);
  const needed: Found[] = [];
  for (const found of exported) visit(found, known, needed);
  return [
    ...exported.map(textOf).toSorted(),
    ...(needed.length === 0 ? [] : ['// Used above, without a name of their own outside:']),
    ...needed.map(textOf).toSorted(),
  ].join('\n');
}

interface Found extends Declaration {
  readonly file: string;
}

function visit(found: Found, known: Set<string>, needed: Found[]): void {
  for (const word of new Set(found.text.match(/[A-Za-z_$][\w$]*/gu))) {
    const use = used(word, found.file);
    if (use === undefined || known.has(keyOf(use))) continue;
    known.add(keyOf(use));
    needed.push(use);
    visit(use, known, needed);
  }
}

/** The declaration a word stands for in a file; undefined: none of ours. */
function used(word: string, file: string): Found | undefined {
  const { declarations, imports } = moduleOf(file);
  const [from, name] = imports.get(word) ?? [undefined, word];
  if (from !== undefined) return exportsOf(from).find((each) => each.name === name);
  const own = declarations.find((each) => each.name === name);
  return own && { ...own, file };
}

const keyOf = ({ file, name }: Found): string => `${file} ${name}`;

const textOf = ({ text }: Found): string => text.replace(/^export (?:declare )?/u, '');

function exportsOf(file: string): readonly Found[] {
  const { declarations, reexports } = moduleOf(file);
  const own = declarations.filter(({ text }) => text.startsWith('export '));
  return [
    ...own.map((declaration) => ({ ...declaration, file })),
    ...reexports.flatMap(([name, from]) =>
      exportsOf(from).filter((found) => name === '*' || found.name === name),
    ),
  ];
}

function moduleOf(file: string): Module {
  const known = modules.get(file) ?? readModule(file);
  modules.set(file, known);
  return known;
}

function readModule(file: string): Module {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*\*.*?\*\/\s*/gsu, '');
  // A statement begins where a line does, and ends before the next one that does.
  const statements = text.split(/\n(?=[a-z])/u).map((statement) => statement.trim());
  const imports = new Map<string, readonly [string, string]>();
  const reexports: [string, string][] = [];
  const declarations: Declaration[] = [];
  for (const statement of statements) {
    const [, kind, names, from] =
      /^(import|export) (?:type )?(\{.*\}|\*(?: as \w+)?) from '(.*)';$/su.exec(statement) ?? [];
    const [, name] =
      /^(?:export )?(?:declare )?(?:interface|type|class|function|const) (\w+)/u.exec(statement) ??
      [];
    if (from !== undefined && from.startsWith('.')) {
      const target = join(dirname(file), from.replace(/\.[jt]s$/u, '.d.ts'));
      for (const [original, alias] of namesOf(names ?? '')) {
        if (kind === 'import') imports.set(alias, [target, original]);
        else reexports.push([original, target]);
      }
    } else if (name !== undefined) {
      declarations.push({ name, text: statement });
    } else if (from === undefined && !/^(?:export \{\};)?$/u.test(statement)) {
      throw new Error(`${file}: a statement this report does not know: ${statement}`);
    }
  }
  return { declarations, imports, reexports };
}

/** `{ a, type b as c }` as pairs of the name there and the name here. */
function namesOf(clause: string): readonly (readonly [string, string])[] {
  if (clause.startsWith('*')) return [['*', clause.replace(/^\* as /u, '')]];
  return clause
    .replaceAll(/[{}\n]|\btype /gu, '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [original = '', alias = original] = each.split(' as ');
      return [original, alias];
    });
}
