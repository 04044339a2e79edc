import type { Dice } from './dice.ts';

/** What breaks readers: edges of numbers, names of JavaScript, paths, markup, references, odd characters. */
const NUISANCES = [
  ['', '0', '-1', '+1', '00', '0x', '0xffffffff', '4294967296', '18446744073709551616', '1e999'],
  ['9'.repeat(400), '0x' + 'f'.repeat(400), 'NaN', '1.5', '1_0', '١', '0o7', ' 1 '],
  ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'],
  ['..', '../../etc/passwd', '/', '//', '.', 'a/b', '%2e%2e', 'file:///etc/passwd'],
  ['<', '>', '&', "'", '"', '</', '/>', ']]>', '<!--', '-->', '<![CDATA[', '<?xml?>', '<?a ?>'],
  ['&lt;', '&#0;', '&#x0;', '&#xD800;', '&#x110000;', '&#999999999999;', '&x;', '&amp', '&#13;'],
  ['<!DOCTYPE a [<!ENTITY x "y">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">', 'xmlns="u"'],
  ['xmlns:a="u"', 'a:b', ':', 'a:b:c', 'xml:space="preserve"', 'xmlns=""'],
  ['\0', '\ud800', '\udc00', '\ufeff', '\uffff', '\u2028', '\u0085', '\r', '\r\n', '\t', '😀'],
  ['{', '}', '[', ']', ',', ':', '"\\ud800"', '\\u0000', 'null', 'true', '(', '|', '*', '$x'],
].flat();

type Mutation = (text: string, dice: Dice, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  // Tokens: left out, doubled, exchanged, replaced, taken from elsewhere.
  (text, dice) => atToken(text, dice, () => ''),
  (text, dice) => atToken(text, dice, (token) => token + token),
  (text, dice) => atToken(text, dice, () => dice.pick(NUISANCES)),
  (text, dice) => atToken(text, dice, (token) => token + dice.pick(NUISANCES)),
  (text, dice, other) => atToken(text, dice, () => tokenOf(other, dice)),
  (text, dice) => atToken(text, dice, () => tokenOf(text, dice)),
  (text, dice) => atToken(text, dice, (token) => token.slice(0, 100).repeat(2 ** dice.below(12))),
  // Stretches.
  (text, dice) => text.slice(0, dice.below(text.length + 1)),
  (text, dice) => text.slice(dice.below(text.length + 1)),
  (text, dice) => cut(text, dice, (part) => part + part),
  (text, dice) => cut(text, dice, () => ''),
  (text, dice) => cut(text, dice, (part) => Array.from(part).toReversed().join('')),
  (text, dice, other) =>
    text.slice(0, dice.below(text.length + 1)) + other.slice(dice.below(other.length + 1)),
  // One character.
  (text, dice) => {
    const at = dice.below(text.length + 1);
    const character = String.fromCharCode(dice.below(dice.once(4) ? 0x10000 : 0x80));
    return text.slice(0, at) + character + text.slice(at + dice.below(2));
  },
];

/** A changed text; `other` is one of the same kind, to take parts from. */
export function mutateText(text: string, other: string, dice: Dice): string {
  return dice.pick(MUTATIONS)(text, dice, other);
}

/** Changed bytes: bits, bytes no UTF-8 has, zeros, other encodings. */
export function mutateBytes(text: string, dice: Dice): Uint8Array {
  if (dice.once(20)) return Buffer.from(text, 'utf16le');
  let bytes = Buffer.from(text);
  for (let changes = 1 + dice.below(3); changes > 0; changes -= 1) {
    const at = dice.below(bytes.length + 1);
    const put = Buffer.from(dice.pick(BAD_BYTES));
    const byte = bytes[at];
    if (byte !== undefined && dice.once(2)) bytes[at] = byte ^ (1 << dice.below(8));
    else bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + dice.below(3))]);
  }
  return bytes;
}

const BAD_BYTES = [
  [0x00],
  [0xff],
  [0x80],
  [0xc0, 0x80],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf8, 0x88],
  [0xc3],
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0x0d, 0x0a],
];

/** The word, blank or sign at a random place. */
function tokenSpan(text: string, dice: Dice): readonly [number, number] {
  const at = dice.below(text.length);
  const isWord = (index: number) => /[\w.-]/.test(text.charAt(index));
  if (!isWord(at)) return [at, Math.min(at + 1, text.length)];
  let [start, end] = [at, at + 1];
  while (start > 0 && isWord(start - 1)) start -= 1;
  while (end < text.length && isWord(end)) end += 1;
  return [start, end];
}

function tokenOf(text: string, dice: Dice): string {
  return text.slice(...tokenSpan(text, dice));
}

function atToken(text: string, dice: Dice, change: (token: string) => string): string {
  const [start, end] = tokenSpan(text, dice);
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}

function cut(text: string, dice: Dice, change: (part: string) => string): string {
  const start = dice.below(text.length + 1);
  const end = start + dice.below(Math.min(text.length - start, 2000) + 1);
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}
