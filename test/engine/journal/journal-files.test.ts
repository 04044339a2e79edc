import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileOperations } from '../../../src/engine/store/durable-file.ts';
import type { Intent, JournalEntry, OpenEntry } from '../../../src/engine/journal/journal.ts';
import { journalFiles } from '../../../src/engine/journal/journal-files.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MEANT = {
  uuid: '11111111-1111-4111-8111-111111111111',
  parent: '0000:86:00.0',
  type: 'nvidia-18',
};
const INTENTS: readonly Intent[] = [
  { do: 'create', ...MEANT, group: 'g' },
  { do: 'destroy', ...MEANT },
  {
    do: 'destroy',
    ...MEANT,
    group: 'g',
    record: {
      kind: 'device',
      ...MEANT,
      group: 'g',
      alias: 'n',
      attributes: [{ name: 'a', value: '1' }],
      params: 'p',
      created: 1,
      untilStop: true,
    },
  },
  { do: 'define', ...MEANT, content: 'c' },
  { do: 'undefine', uuid: MEANT.uuid, parent: MEANT.parent, content: 'c', before: 'b', alias: 'n' },
  { do: 'redefine', ...MEANT, before: 'a', after: 'b' },
  {
    do: 'set',
    ...MEANT,
    values: [{ name: 'a', value: '1' }, { name: 'b' }],
    settings: { attributes: [{ name: 'a', value: '1' }], params: 'p', alias: 'n' },
  },
  { do: 'set', ...MEANT, values: [] },
  { do: 'undefine', uuid: MEANT.uuid, parent: MEANT.parent, content: 'unreadable' },
  { do: 'claim', group: 'g' },
  { do: 'release', group: 'g', owner: { name: 'vm1', uuid: MEANT.uuid } },
];
const KEPT: JournalEntry = {
  id: 'aa',
  boot: 'b',
  intents: INTENTS,
  undoesAll: true,
};
const ENTRY: OpenEntry = { ...KEPT, steps: 0, isUndone: false };
const folderOf = (): string => join(temporaryFolder(), 'journal');
const mode = (path: string): string => (fs.statSync(path).mode & 0o777).toString(8);

/** Calls by name and what they were about, with the real file system beneath. */
function recorded(calls: string[]): FileOperations {
  const names = new Map<number, string>();
  return {
    ...fs,
    openSync: (path, flags, permissions) => {
      const descriptor = fs.openSync(path, flags, permissions);
      names.set(descriptor, String(path).split('/').at(-1) ?? '');
      return descriptor;
    },
    fsyncSync: (descriptor) => {
      calls.push(`fsync ${names.get(descriptor)}`);
      fs.fsyncSync(descriptor);
    },
    renameSync: (from, to) => {
      calls.push(`rename ${String(to).split('/').at(-1)}`);
      fs.renameSync(from, to);
    },
    unlinkSync: (path) => {
      fs.unlinkSync(path);
      calls.push(`unlink ${String(path).split('/').at(-1)}`);
    },
  };
}

describe('the journal on disk', () => {
  it('reads back what it wrote, for its owner only', () => {
    const folder = folderOf();
    const journal = journalFiles(dirname(folder), 'journal');
    expect(journal.entries()).toEqual([]);
    journal.write(ENTRY);
    journal.write({ ...ENTRY, boot: 'c' });
    expect(journalFiles(dirname(folder), 'journal').entries()).toEqual([{ ...ENTRY, boot: 'c' }]);
    expect([mode(folder), mode(join(folder, 'aa.json'))]).toEqual(['700', '600']);
    journal.remove('aa');
    journal.remove('aa');
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it('adds progress to an entry, which stays JSON', () => {
    const folder = folderOf();
    const journal = journalFiles(dirname(folder), 'journal');
    journal.write({ ...ENTRY, steps: 1 });
    journal.mark('aa', 'step');
    expect(journal.entries()).toEqual([{ ...ENTRY, steps: 2 }]);
    journal.mark('aa', 'undo');
    expect(journal.entries()).toEqual([{ ...ENTRY, steps: 2, isUndone: true }]);
    expect(JSON.parse(fs.readFileSync(join(folder, 'aa.json'), 'utf8'))).toMatchObject({
      format: 1,
      ...KEPT,
    });
    expect(() => journal.mark('bb', 'step')).toThrow('ENOENT');
  });

  it('is on disk before it has a name, and its name before anything else happens', () => {
    const calls: string[] = [];
    const journal = journalFiles(temporaryFolder(), 'journal', recorded(calls));
    journal.write(ENTRY);
    journal.remove('aa', { durably: true });
    expect(calls.slice(1)).toEqual([
      'fsync .virt-nodedev-next',
      'rename aa.json',
      'fsync journal',
      'unlink aa.json',
      'fsync journal',
    ]);
  });

  it.each<readonly [what: string, make: (path: string) => void]>([
    ['a link', (path) => fs.symlinkSync('/etc/passwd', path)],
    ['a directory', (path) => fs.mkdirSync(path)],
  ])('refuses %s, and says what to do', (_, make) => {
    const folder = folderOf();
    fs.mkdirSync(folder);
    make(join(folder, 'aa.json'));
    expect(() => journalFiles(dirname(folder), 'journal').entries()).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/aa\.json is not a regular file$/u),
        hint: expect.stringContaining('look what it is'),
      }),
    );
  });

  it.each(['', '{', '{}', '[]', JSON.stringify({ ...KEPT, id: 'bb' })])(
    'refuses %j, which it did not write',
    (text) => {
      const folder = folderOf();
      fs.mkdirSync(folder);
      fs.writeFileSync(join(folder, 'aa.json'), text);
      expect(() => journalFiles(dirname(folder), 'journal').entries()).toThrow(
        'is no journal entry',
      );
    },
  );

  it.each([
    { uuid: '../x' },
    { parent: '../x' },
    { parent: 'a\0b' },
    { type: '../x' },
    { type: 'a\nb' },
    { do: 'format' },
    { group: 1 },
  ])('refuses an intent with %j', (hostile) => {
    const folder = folderOf();
    fs.mkdirSync(folder);
    const entry = { ...KEPT, intents: [{ ...INTENTS[0], ...hostile }] };
    fs.writeFileSync(join(folder, 'aa.json'), JSON.stringify(entry));
    expect(() => journalFiles(dirname(folder), 'journal').entries()).toThrow('is no journal entry');
  });

  it('follows no planted link', () => {
    const [folder, outside] = [folderOf(), temporaryFolder()];
    fs.symlinkSync(outside, folder);
    const journal = journalFiles(dirname(folder), 'journal');
    expect(() => journal.write(ENTRY)).toThrow('is not a directory');
    expect(() => journal.entries()).toThrow('is not a directory');
    fs.unlinkSync(folder);
    fs.mkdirSync(folder);
    fs.symlinkSync(join(outside, 'x'), join(folder, '.virt-nodedev-next'));
    fs.symlinkSync(join(outside, 'y'), join(folder, 'aa.json'));
    journal.write(ENTRY);
    expect(fs.readdirSync(outside)).toEqual([]);
    expect(journal.entries()).toEqual([ENTRY]);
  });
});
