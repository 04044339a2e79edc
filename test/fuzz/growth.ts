import type { Dice } from './dice.ts';

/** Powers of ten a part is repeated; the highest one, a million, costs a second and is rare. */
function count(dice: Dice): number {
  return 10 ** (dice.once(20) ? 6 : 1 + dice.below(4));
}

const numbered = (times: number, part: (index: string) => string): string =>
  Array.from({ length: times }, (_, index) => part(index.toString(36))).join('');

const ELEMENTS: readonly ((dice: Dice) => string)[] = [
  (dice) => numbered(count(dice), (index) => `<x${index}/>`),
  (dice) => '<uuid/>'.repeat(count(dice)),
  (dice) => '<device>'.repeat(count(dice)),
  (dice) => {
    const depth = count(dice);
    return '<capability>'.repeat(depth) + '</capability>'.repeat(depth);
  },
  (dice) => `<a${numbered(count(dice), (index) => ` a${index}=''`)}/>`,
  (dice) => `<a${numbered(count(dice), (index) => ` xmlns:a${index}='u'`)}/>`,
  (dice) => `<a b='${'x'.repeat(10 * count(dice))}'/>`,
  (dice) => `<a b='${'&#65;'.repeat(count(dice))}'/>`,
  (dice) => '&amp;'.repeat(count(dice)),
  (dice) => ' '.repeat(count(dice)),
  (dice) => '<!---->'.repeat(count(dice)),
  (dice) => '<![CDATA[x]]>'.repeat(count(dice)),
  (dice) => '<?p "?>'.repeat(count(dice)),
  (dice) => `<${'n'.repeat(count(dice))}/>`,
];

/** XML with a great many of something, put behind one of its tags. */
export function growXml(text: string, dice: Dice): string {
  const at = text.indexOf('>', dice.below(text.length + 1)) + 1;
  return text.slice(0, at) + dice.pick(ELEMENTS)(dice) + text.slice(at);
}

const VALUES: readonly ((dice: Dice) => string)[] = [
  (dice) => '['.repeat(count(dice)),
  (dice) => {
    const depth = count(dice);
    return '['.repeat(depth) + ']'.repeat(depth);
  },
  (dice) => {
    const depth = count(dice);
    return '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
  },
  (dice) => `{${numbered(count(dice), (index) => `"k${index}":1,`)}"k":1}`,
  (dice) => `"${'x'.repeat(count(dice))}"`,
  (dice) => '9'.repeat(count(dice)),
];

/** JSON with a huge value behind one of its colons. */
export function growJson(text: string, dice: Dice): string {
  const at = text.indexOf(':', dice.below(text.length)) + 1;
  const rest = text.indexOf(',', at);
  return text.slice(0, at) + dice.pick(VALUES)(dice) + text.slice(rest === -1 ? at : rest);
}
