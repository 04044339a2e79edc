import { describe, expect, it } from 'vitest';
import { MemoryTree } from '../../../src/host/memory-tree.ts';
import { findBrokenRules } from '../../../src/host/sysfs/udev-rules.ts';
import { type Branch, directoryName, file, link } from '../../../src/host/tree.ts';

function treeWith(entries: Readonly<Record<string, Branch>>): MemoryTree {
  const tree = new MemoryTree();
  for (const [path, branch] of Object.entries(entries)) {
    tree.ensureDirectory(directoryName(path));
    tree.plant(path, branch);
  }
  return tree;
}

/** The programs a rule is found to miss. */
const missing = (rule: string): readonly string[] =>
  findBrokenRules(treeWith({ '/etc/udev/rules.d/60-x.rules': file(rule) })).map(
    ({ line, program }) => `${line} ${program}`,
  );

describe('the programs a rule runs', () => {
  it.each([
    ['RUN+=', 'ACTION=="add", RUN+="/usr/sbin/mdevctl start-parent-mdevs %k"\n'],
    ['RUN=', 'RUN="/usr/sbin/mdevctl start-parent-mdevs %k"\n'],
    ['RUN{program}+=', 'RUN{program}+="/usr/sbin/mdevctl x"\n'],
    ['PROGRAM', 'PROGRAM=="/usr/sbin/mdevctl x", SYMLINK+="y"\n'],
    ['IMPORT', 'IMPORT{program}="/usr/sbin/mdevctl x"\n'],
    ['a shell command', `RUN+="/bin/sh -c '{ /usr/sbin/mdevctl x %k 2>&3 | logger; }'"\n`],
    ['an escaped string', 'RUN+=e"/usr/sbin/mdevctl \\"x\\""\n'],
    ['a line without an end', 'RUN+="/usr/sbin/mdevctl x"'],
    ['the same twice', 'RUN+="/usr/sbin/mdevctl x", RUN+="/usr/sbin/mdevctl y"\n'],
    ['two lines', 'RUN+="/usr/sbin/mdevctl x"\nRUN+="/usr/sbin/mdevctl y"\n'],
  ])('are found in %s', (_, rule) => {
    expect(missing(rule)).toEqual(['1 /usr/sbin/mdevctl']);
  });

  it('are found where a continued line begins', () => {
    expect(missing('# x\nACTION=="add", \\\n  RUN+="/opt/virt-nodedev start-parent %k"\n')).toEqual(
      ['2 /opt/virt-nodedev'],
    );
  });

  it.each([
    ['a comment', '# RUN+="/usr/sbin/mdevctl x"\n'],
    ['a test', 'TEST=="/etc/mdevctl.d/$kernel"\n'],
    ['another program', 'RUN+="/usr/sbin/other mdevctl"\n'],
    ['a name udev looks up itself', 'RUN+="mdevctl x"\n'],
    ['a path that only begins so', 'RUN+="/usr/sbin/mdevctl.old x"\n'],
    ['what is taken away', 'RUN-="/usr/sbin/mdevctl x"\n'],
  ])('are not taken from %s', (_, rule) => {
    expect(missing(rule)).toEqual([]);
  });
});

const RULE = file('RUN+="/usr/sbin/mdevctl x"\n');

describe('rule files', () => {
  it('hide those of their name further down, also when they are masked', () => {
    const tree = treeWith({
      '/etc/udev/rules.d/60-mdevctl.rules': link('/dev/null'),
      '/dev/null': file(''),
      '/usr/lib/udev/rules.d/60-mdevctl.rules': RULE,
      '/usr/lib/udev/rules.d/61-mdevctl.rules': RULE,
    });
    expect(findBrokenRules(tree).map((rule) => rule.file)).toEqual([
      '/usr/lib/udev/rules.d/61-mdevctl.rules',
    ]);
  });

  it('are those ending in .rules', () => {
    expect(findBrokenRules(treeWith({ '/lib/udev/rules.d/60-mdevctl.rules.off': RULE }))).toEqual(
      [],
    );
  });
});

describe('a program', () => {
  const rule = { '/lib/udev/rules.d/60-mdevctl.rules': RULE };

  it('is there through links, which stay inside the root', () => {
    const tree = treeWith({
      ...rule,
      '/usr/sbin': link('bin'),
      '/usr/bin/mdevctl': link('/opt/mdevctl'),
      '/opt/mdevctl': file(''),
    });
    expect(findBrokenRules(tree)).toEqual([]);
  });

  it.each([
    ['that leads nowhere', link('/nowhere')],
    ['that leads to itself', link('mdevctl')],
  ])('is not there as a link %s', (_, target) => {
    expect(findBrokenRules(treeWith({ ...rule, '/usr/sbin/mdevctl': target }))).toHaveLength(1);
  });

  it('is reported with its path', () => {
    const tree = treeWith({ ...rule, '/usr/local/bin/mdevctl': file('') });
    expect(findBrokenRules(tree)).toMatchObject([{ elsewhere: '/usr/local/bin/mdevctl' }]);
  });
});
