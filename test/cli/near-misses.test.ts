import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { UsageError } from '../../src/cli/failures.ts';
import { chooseCommand } from '../../src/cli/parse.ts';

/** Commands that destroy, end or take something away: what they are suggested for must be one letter off, and no harmless one's. */
const ENDS =
  /^(?:nodedev-)?(?:destroy|undefine|gc|sim (?:reset|stop|unbind|unplug)|group (?:remove|release)|fleet release)$/u;
const names = commands.map(({ name }) => name);
const harmless = names.filter((name) => !ENDS.test(name));
/** Of virsh and mdevctl, all that change no device that is there. */
const theirs = [
  'list',
  'dumpxml',
  'create',
  'define',
  'start',
  'autostart',
  'info',
  'update',
  'event',
  'detach',
  'dettach',
  'reattach',
  'reset',
]
  .map((word) => `nodedev-${word}`)
  .concat('modify', 'types', 'start-parent-mdevs', 'help');
const LETTERS = 'abcdefghilmnoprstuvxy -'.split('');

/** What a line that is no command gets as the command that was meant. */
function suggested(line: string): string | undefined {
  try {
    chooseCommand(commands, line.split(' '));
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return /^did you mean (.*)\?$/u.exec(error.hint ?? '')?.[1];
  }
}

/** Every word that is one letter off: one more, one less, another one, or two swapped. */
function edits(word: string): readonly string[] {
  const places = [...Array.from({ length: word.length + 1 }).keys()];
  const [head, tail] = [(at: number) => word.slice(0, at), (at: number) => word.slice(at)];
  return places.flatMap((at) => [
    ...LETTERS.map((letter) => head(at) + letter + tail(at)),
    ...(at < word.length
      ? [head(at) + tail(at + 1), ...LETTERS.map((letter) => head(at) + letter + tail(at + 1))]
      : []),
    ...(at + 1 < word.length
      ? [head(at) + (word[at + 1] ?? '') + (word[at] ?? '') + tail(at + 2)]
      : []),
  ]);
}

const ending = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => {
    const meant = suggested(line);
    return meant !== undefined && ENDS.test(meant) ? [`${line}: ${meant}`] : [];
  });

it('one letter off a harmless command suggests nothing that takes something away', () => {
  expect([...harmless, ...theirs].flatMap((name) => ending(edits(name)))).toEqual([]);
}, 120_000);

it('two letters off, it is suggested only where it is one letter off', () => {
  const two = fc
    .constantFrom(...harmless, ...theirs)
    .chain((name) => fc.constantFrom(...edits(name)))
    .chain((word) => fc.constantFrom(...edits(word)));
  const near = new Set(names.filter((name) => ENDS.test(name)).flatMap(edits));
  fc.assert(
    fc.property(two, (line) => {
      expect(ending([line]).filter(() => !near.has(line.replace(/^nodedev-/u, '')))).toEqual([]);
    }),
    { numRuns: 3000 },
  );
}, 120_000);

it('what takes something away is still suggested to who means it', () => {
  expect(
    ['destory', 'undefin', 'sim unplg', 'group releas', 'fleet relese'].map(suggested),
  ).toEqual(['destroy', 'undefine', 'sim unplug', 'group release', 'fleet release']);
});

it.each(theirs.filter((word) => !names.includes(word.replace('nodedev-', ''))))(
  '%s, which is not here, says what does it',
  (word) => {
    const said = (): unknown => chooseCommand(commands, [word]);
    expect(said).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/virsh|use |start-parent/u) }),
    );
  },
);
