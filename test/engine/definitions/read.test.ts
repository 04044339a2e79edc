import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDefinitions, readDefinition } from '../../../src/engine/definitions/definitions.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const A = '11111111-1111-4111-8111-111111111111';
const B = 'bbbbbbbb-2222-4222-8222-222222222222';
const C = 'cccccccc-3333-4333-8333-333333333333';
const TEXT = '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}]}';

/** A root with these files in `etc/mdevctl.d`. */
function rootWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'etc/mdevctl.d'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, 'etc/mdevctl.d', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return root;
}

/** What a listing says, in short: `parent/uuid`, and for problems `code path below mdevctl.d`. */
function told(root: string): { readonly items: string[]; readonly problems: string[] } {
  const { items, problems } = listDefinitions(root);
  const folder = join(root, 'etc/mdevctl.d/');
  return {
    items: items.map(({ parent, uuid }) => `${parent}/${uuid}`),
    problems: problems.map(
      ({ code, location, message }) =>
        `${code} ${(location?.file ?? message).replaceAll(folder, '').split(': ')[0]}`,
    ),
  };
}

describe('listDefinitions', () => {
  it('lists nothing where nothing is', () => {
    expect(told(temporaryFolder())).toEqual({ items: [], problems: [] });
    expect(told('/no/such/root')).toEqual({ items: [], problems: [] });
    expect(told(rootWith({}))).toEqual({ items: [], problems: [] });
  });

  it('sorts by parent, then uuid, and reads each', () => {
    const root = rootWith({
      [`mtty/${B}`]: TEXT,
      [`0000:86:00.0/${C}`]: TEXT,
      [`mtty/${A}`]: TEXT,
    });
    expect(told(root)).toEqual({
      items: [`0000:86:00.0/${C}`, `mtty/${A}`, `mtty/${B}`],
      problems: [],
    });
    expect(listDefinitions(root).items[0]).toMatchObject({
      path: join(root, 'etc/mdevctl.d/0000:86:00.0', C),
      definition: { type: 'mtty-1', autostart: true, attributes: [{ name: 'a', value: '1' }] },
    });
  });

  it('ignores what mdevctl ignores: files at the top, and scripts', () => {
    const root = rootWith({
      '.virt-nodedev-1-x': 'x',
      'scripts.d/callouts/a.sh': '',
      [`mtty/${A}`]: TEXT,
    });
    expect(told(root)).toEqual({ items: [`mtty/${A}`], problems: [] });
  });

  it('reports broken files beside the others', () => {
    const root = rootWith({
      [`mtty/${A}`]: TEXT,
      [`mtty/${B}`]: '{"mdev_type":"mtt',
      [`mdpy/${B}`]: '',
      [`mdpy/${C}`]: new Uint8Array([0x22, 0xff, 0x22]),
      [`mdpy/${A}`]: `${TEXT}${' '.repeat(1024 * 1024)}`,
      'mtty/README': 'x',
      'bad name/x': 'x',
    });
    expect(told(root)).toEqual({
      items: [`mtty/${A}`],
      problems: [
        'definition-invalid bad name',
        `definition-invalid mdpy/${A}`,
        `definition-invalid mdpy/${B}`,
        `definition-invalid mdpy/${C}`,
        `definition-invalid mtty/${B}`,
        'definition-invalid mtty/README',
      ],
    });
  });

  it('follows no link and waits for no FIFO', () => {
    const root = rootWith({ [`mtty/${A}`]: TEXT, secret: TEXT });
    const folder = join(root, 'etc/mdevctl.d');
    symlinkSync(join(folder, 'secret'), join(folder, 'mtty', B));
    symlinkSync('/nowhere', join(folder, 'mtty', C));
    symlinkSync(join(folder, 'mtty'), join(folder, 'mdpy'));
    execFileSync('mkfifo', [join(folder, 'mtty', B.replaceAll('b', 'd'))]);
    mkdirSync(join(folder, 'mtty', B.replaceAll('b', 'e')));
    const { items, problems } = told(root);
    expect(items).toEqual([`mtty/${A}`]);
    expect(problems).toHaveLength(5);
  });

  it('does not leave the root', () => {
    const outside = rootWith({ [`mtty/${A}`]: TEXT });
    const root = temporaryFolder();
    symlinkSync(join(outside, 'etc'), join(root, 'etc'));
    expect(told(root)).toMatchObject({ items: [] });
    expect(listDefinitions(root).problems[0]?.message).toContain('leads out of');
  });

  it('reads a folder that is elsewhere below the root', () => {
    const root = rootWith({});
    mkdirSync(join(root, 'nix/mtty'), { recursive: true });
    writeFileSync(join(root, 'nix/mtty', A), TEXT);
    execFileSync('rmdir', [join(root, 'etc/mdevctl.d')]);
    symlinkSync('../nix', join(root, 'etc/mdevctl.d'));
    expect(told(root)).toEqual({ items: [`mtty/${A}`], problems: [] });
  });

  it('prefers the usual spelling of a uuid', () => {
    const root = rootWith({
      [`mtty/${B.toUpperCase()}`]: TEXT,
      [`mtty/${B.replaceAll('-', '')}`]: '{',
      [`mtty/${B}`]: TEXT,
      [`mtty/${C.toUpperCase()}`]: TEXT,
    });
    expect(told(root)).toEqual({
      items: [`mtty/${B}`, `mtty/${C}`],
      problems: [B.toUpperCase(), B.replaceAll('-', '')].map(
        (name) => `definition-invalid mtty/${name}`,
      ),
    });
  });

  it.skipIf(process.getuid?.() === 0)('tells what an ordinary user may not read', () => {
    const root = rootWith({ [`mtty/${A}`]: TEXT, [`mtty/${B}`]: TEXT, [`mdpy/${C}`]: TEXT });
    chmodSync(join(root, 'etc/mdevctl.d/mtty', A), 0);
    chmodSync(join(root, 'etc/mdevctl.d/mdpy'), 0);
    expect(told(root)).toEqual({
      items: [`mtty/${B}`],
      problems: ['permission-denied cannot list mdpy', `permission-denied cannot read mtty/${A}`],
    });
    chmodSync(join(root, 'etc/mdevctl.d/mdpy'), 0o700);
  });
});

describe('readDefinition', () => {
  const root = (): string =>
    rootWith({ [`mtty/${A}`]: TEXT, [`mtty/${B.toUpperCase()}`]: TEXT, [`mtty/${C}`]: '' });

  it('reads one, in whatever spelling', () => {
    const folder = root();
    expect(readDefinition(folder, { parent: 'mtty', uuid: A })?.definition.type).toBe('mtty-1');
    expect(readDefinition(folder, { parent: 'mtty', uuid: B })?.path).toContain(B.toUpperCase());
  });

  it('knows no others', () => {
    expect(readDefinition(root(), { parent: 'mdpy', uuid: A })).toBeUndefined();
    expect(readDefinition(temporaryFolder(), { parent: 'mtty', uuid: A })).toBeUndefined();
  });

  it.each([
    { parent: 'mtty', uuid: C },
    { parent: '../mtty', uuid: A },
    { parent: 'scripts.d', uuid: A },
    { parent: 'mtty', uuid: A.replace('1', 'A') },
    { parent: 'mtty', uuid: '../secret' },
  ])('refuses %j', (ref) => {
    expect(() => readDefinition(root(), ref)).toThrow(
      expect.objectContaining({ code: 'definition-invalid' }),
    );
  });
});

it('an endless definition is reported, and not read further', () => {
  const root = rootWith({ [`mtty/${A}`]: '{', [`mtty/${B}`]: TEXT });
  truncateSync(join(root, 'etc/mdevctl.d/mtty', A), 2 ** 40);
  expect(told(root)).toEqual({ items: [`mtty/${B}`], problems: [`definition-invalid mtty/${A}`] });
});
