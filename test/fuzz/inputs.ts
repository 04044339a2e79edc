import { formatHardware } from '../../src/host/simulated/hardware-file.ts';
import { parseProfile } from '../../src/host/simulated/parse-profile.ts';
import { readXml } from '../../src/xml/read.ts';
import { mutate, serialise, vocabularyOf } from '../relaxng/mutants.ts';
import { type Dice, diceOf } from './dice.ts';
import { growJson, growXml } from './growth.ts';
import { readSeeds } from './seeds.ts';
import type { Input, Kind } from './targets.ts';
import { mutateBytes, mutateText } from './text-mutations.ts';

export interface FuzzCase {
  readonly kind: Kind;
  readonly input: Input;
}

/** Makes the input of a number, always the same for the same seeds. */
export function fuzzCases(): (number: number) => FuzzCase {
  const seeds = readSeeds();
  const makers: Readonly<Record<Kind, (dice: Dice) => Input>> = {
    nodedev: xmlMaker(seeds.nodedev),
    domain: xmlMaker(seeds.domain),
    profile: xmlMaker(seeds.profile),
    definition: textMaker(seeds.definition, growJson),
    hardware: textMaker(
      seeds.profile.map((text) => formatHardware(parseProfile(text))),
      growJson,
    ),
    xpath: textMaker(XPATHS),
    uri: textMaker(URIS),
    name: textMaker(NAMES),
  };
  return (number) => {
    const dice = diceOf(number);
    const kind = dice.pick(KINDS);
    return { kind, input: makers[kind](dice) };
  };
}

/** What an input is of: the more often, the more there is to get wrong. */
const KINDS: readonly Kind[] = [
  ...([
    'nodedev',
    'nodedev',
    'nodedev',
    'nodedev',
    'domain',
    'domain',
    'domain',
    'domain',
  ] as const),
  ...(['definition', 'definition', 'profile', 'hardware', 'xpath', 'uri', 'name'] as const),
];

const XPATHS = [
  '/device/capability/uuid',
  "//uuid[text() = 'y' and position() < last()]/@*",
  'string(//name) | count(/device/*) + 1',
  "concat(substring-before(//uuid, 'y'), translate('a', 'b', 'c'))",
  '//*[namespace-uri() = "u"]/ancestor-or-self::node()',
];

const URIS = [
  'sysfs:///',
  'sysfs:///srv/host',
  'sim:///tmp/host',
  'test:///default',
  'qemu+ssh://h/system',
];

const NAMES = [
  'mdev_0695d332_7831_493f_9e71_1c85c8911a08_0000_86_00_0',
  'mdev_0695d332_7831_493f_9e71_1c85c8911a08',
  '0695d332-7831-493f-9e71-1c85c8911a08',
  'pci_0000_86_00_0',
];

/** How often one input is changed, one after another. */
const ROUNDS = 4;

function textMaker(
  seeds: readonly string[],
  grow?: (text: string, dice: Dice) => string,
): (dice: Dice) => Input {
  return (dice) => finished(mutated(dice.pick(seeds), seeds, dice, grow), dice);
}

/** Half of the documents are changed as trees first, so that they stay well-formed and get further. */
function xmlMaker(seeds: readonly string[]): (dice: Dice) => Input {
  const roots = seeds.map((text) => readXml(text).root);
  const vocabulary = vocabularyOf(roots);
  return (dice) => {
    if (dice.once(2)) return finished(mutated(dice.pick(seeds), seeds, dice, growXml), dice);
    const tree = serialise(mutate(dice.pick(roots), vocabulary, dice.random));
    return finished(dice.once(2) ? tree : mutated(tree, seeds, dice, growXml), dice);
  };
}

function mutated(
  seed: string,
  seeds: readonly string[],
  dice: Dice,
  grow: ((text: string, dice: Dice) => string) | undefined,
): string {
  let text = seed;
  for (let rounds = dice.once(2) ? 1 : 1 + dice.below(ROUNDS); rounds > 0; rounds -= 1) {
    const isGrown = grow !== undefined && dice.once(50);
    text = isGrown ? grow(text, dice) : mutateText(text, dice.pick(seeds), dice);
  }
  return text;
}

function finished(text: string, dice: Dice): Input {
  if (dice.once(2)) return text;
  return dice.once(4) ? mutateBytes(text, dice) : Buffer.from(text);
}
