import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { exitCodes, refusalKinds } from '../src/cli/exit-codes.ts';
import { connect } from '../src/index.ts';
import { run } from './cli/run.ts';
import { fakeSsh } from './remote/fake-ssh.ts';
import { readCounts, tableOfCounts } from './faults/counts.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** Where the reader of a page is. */
const SHOWN_FOLDER = '/tmp/demo';
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  ...['docs', 'docs/vendors'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** Pages with blocks of shell lines that are not run, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'README.md': 'they install, run the tests, and name the built command in the shell of the reader',
  'CONTRIBUTING.md': 'they build and run the suites',
  'docs/ci.md': 'they need root, or a user namespace',
  'docs/command.md': 'they are for a shell of the reader',
  'docs/etcd.md': 'they need etcd and several hosts',
  'docs/editors.md': 'they install packages; test:editors runs them',
  'docs/libvirt.md': 'they need virsh, and a host that runs libvirt',
  'docs/library.md': 'they make the reference, for which packages are installed',
  'docs/ownership.md': "they change the system's libvirt",
  'docs/performance.md': 'they take minutes',
  'docs/real-host.md': 'they need root and a host with mediated devices',
};

/** A fenced block: ```console, ```ts, … */
const BLOCK = /(?<=^```\w+\n)(?:.*?\n)??(?=^```$)/msu;
const EXIT_CODES = /(?<=^<!-- exit codes -->\n).*?(?=^<!-- end -->$)/msu;
const FAULT_COUNTS = /(?<=^<!-- counts of test:faults -->\n).*?(?=^<!-- end -->$)/msu;

let folder: string;

beforeEach(() => {
  folder = temporaryFolder({ inMemory: true });
  // The reader's own way to them: what the README does not take is not there.
  const [copy] =
    /cp -r samples\/\S+\.xml [^&]*(?= \/tmp\/demo )/u.exec(readFileSync('README.md', 'utf8')) ?? [];
  execFileSync('sh', ['-c', `${copy ?? ''} "$1"`, 'sh', folder]);
});

/** The page with the output there really is. With UPDATE_DOCS=1 the pages are written anew. */
async function pageAsItIs(text: string): Promise<string> {
  const env: Record<string, string> = { VIRT_NODEDEV_SSH: fakeSsh(folder) };
  let real = '';
  let printed: string | undefined;
  let rest = text;
  for (let block = BLOCK.exec(rest); block !== null; block = BLOCK.exec(rest)) {
    const before = rest.slice(0, block.index);
    const language = /```(\w+)\n$/u.exec(before)?.[1];
    let content = block[0];
    if (language === 'console') content = await transcript(content, env);
    else if (language === 'ts') printed = await outputOfProgram(content);
    else if (language === 'text') content = printed ?? content;
    // The page's js and html are run where the package is installed: test/package/page.package.ts.
    else if (!['sh', 'xml', 'yaml', 'js', 'html', 'lua', 'elisp'].includes(language ?? ''))
      throw new Error(`what is to be done with ${language}?`);
    real += `${before}${content}\`\`\`\n`;
    rest = rest.slice(block.index + block[0].length + '```\n'.length);
  }
  const table = [
    ...exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    ...refusalKinds.map(([kind, codes]) => {
      return `| 1, ${kind} | \`code\` in JSON: ${codes.map((code) => `\`${code}\``).join(', ')} |`;
    }),
  ];
  return (real + rest)
    .replace(EXIT_CODES, ['| code | meaning |', '|---|---|', ...table, ''].join('\n'))
    .replace(FAULT_COUNTS, () => tableOfCounts(readCounts()));
}

async function transcript(block: string, env: Record<string, string>): Promise<string> {
  let shown = '';
  for (const line of block.split('\n').filter((each) => each.startsWith('$ '))) {
    shown += `${line}\n${await outputOf(line.slice(2), env)}`;
  }
  return shown;
}

/** What a terminal shows after a command line. */
async function outputOf(line: string, env: Record<string, string>): Promise<string> {
  const [program = '', ...words] = wordsOf(line.replaceAll(SHOWN_FOLDER, folder));
  if (program === 'export') {
    const [name = '', value = ''] = (words[0] ?? '').split('=');
    env[name] = value;
    return '';
  }
  if (program === 'cat') return readFileSync(join(folder, words[0] ?? ''), 'utf8');
  if (['cp', 'rm', 'sed'].includes(program)) {
    execFileSync(program, words, { cwd: folder });
    return '';
  }
  if (program === 'echo') {
    const [text = '', , file = ''] = words;
    writeFileSync(join(folder, file), `${text}\n`);
    return '';
  }
  expect(program).toBe('virt-nodedev');
  const [toFile] = words.slice(-2)[0] === '>' ? words.splice(-2).slice(1) : [];
  const { stdout, stderr } = await run(words, {
    connect,
    env,
    cwd: folder,
  });
  if (toFile !== undefined) writeFileSync(join(folder, toFile), stdout);
  return `${toFile === undefined ? stdout : ''}${stderr}`
    .replaceAll(folder, SHOWN_FOLDER)
    .replaceAll(/\n+$/gu, '\n');
}

function wordsOf(line: string): string[] {
  return line.split(' ').map((word) => word.replaceAll("'", ''));
}

/** What a program that uses the library prints. */
async function outputOfProgram(text: string): Promise<string> {
  const file = join(folder, `program-${readdirSync(folder).length}.ts`); // a module is run once
  const ours = text.replaceAll(/'virt-nodedev(\/documents|\/fleet)?'/gu, (_, door = '/index') =>
    JSON.stringify(resolve(`src${door}.ts`)),
  );
  writeFileSync(file, ours);
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await import(file);
  const lines = log.mock.calls.map(([line]) => `${line}\n`);
  log.mockRestore();
  if (lines.length === 0) throw new Error(`it prints nothing:\n${text}`);
  return lines.join('').replace(/\n+$/u, '\n');
}

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('shows the output there really is', async () => {
    const real = await pageAsItIs(text);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, real);
    expect(readFileSync(page, 'utf8')).toBe(real);
  });

  it('says of shell lines that are not run why, and the command knows them', async () => {
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gmsu)].map(([, lines = '']) => lines);
    expect(blocks.length > 0).toBe(NOT_RUN[page] !== undefined);
    for (const line of blocks.join('').split('\n')) {
      if (!line.startsWith('virt-nodedev ')) continue;
      const [, ...words] = wordsOf(line.replace(/ +#.*/u, ''));
      const { code, stderr } = await run(words, { cwd: folder });
      expect(code, `${line}: ${stderr}`).not.toBe(2);
    }
  });

  it('has its blocks fenced, and links to files that there are', () => {
    const prose = text.replaceAll(/^```.*?^```$/gmsu, '');
    expect(prose.split('\n').filter((line) => line.startsWith('    '))).toEqual([]);
    const links = [...prose.matchAll(/\]\((?!https?:|#)([^)#]+)/gu)].map(([, to = '']) => to);
    expect(links.filter((to) => !existsSync(join(dirname(page), to)))).toEqual([]);
  });
});

it('the README names every page', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(PAGES.filter((page) => page !== 'README.md' && !readme.includes(`(${page})`))).toEqual([]);
});
