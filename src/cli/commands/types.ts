import type { TypeInfo } from '../../engine/card-info.ts';
import { compareIds } from '../../drivers/type-order.ts';
import { typeFields } from '../../drivers/type-fields.ts';
import { groupBy } from '../../group-by.ts';
import type { TopologyCard } from '../../plan/topology.ts';
import type { WholeCard } from '../answers.ts';
import type { Command } from '../command.ts';
import { describeType } from '../describe-type.ts';
import { fleetOptions } from '../fleet/options.ts';
import * as messages from '../messages.ts';
import { flagOption, jsonOption, listOption, textOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { shown as printable } from '../shown.ts';
import { formatTable, type TableRoom } from '../table.ts';

const parent = textOption('parent', 'name or address of a parent device; all parents when absent', {
  completion: 'parent',
});

const fields = typeFields().map(({ name }) => name);

const where = listOption('where', 'only types that meet the criteria; may be repeated', {
  completion: [],
  placeholder: 'CRITERIA',
});
const sort = textOption('sort', 'the field to sort by; numbers largest first', {
  placeholder: 'FIELD',
  completion: fields,
});
const all = flagOption('all', 'each virtual function of a card by itself');

export const command: Command = {
  arguments: [parent],
  options: [where, sort, all, ...fleetOptions, jsonOption],
  description: `The virtual functions of one card are shown together: Free is what the whole card takes of a type, as if it took no other; with <= it may be less. --json has every function, and beside them what the whole card takes (cards).\n\nCriteria are conditions separated by commas, all of which must hold: FIELD=VALUE, or with !=, <, <=, > and >=. Memory needs a unit (512M, 2GiB). Fields: ${fields.join(', ')}, resolution (2560x1600).`,
  examples: [
    ['types', 'of all parents'],
    ['types pci_0000_86_00_0', 'of one GPU'],
    ["types --where 'framebuffer>=2G,heads=4' --where free=1 --sort free", 'with what is needed'],
  ],

  async run({ args, connect, output }) {
    const only = args.get(parent);
    const by = args.get(sort);
    const connection = await connect();
    const filter = { parent: only, where: args.get(where), sort: by };
    const { items, problems } = await connection.types(filter);
    const types = by === undefined ? items.toSorted(byParentAndNumber) : items;
    // A GPU stands for the functions it has.
    const isOne = new Set(types.map((type) => type.parent)).size < 2;
    const isWhole = !isOne && !args.get(all);
    const cards = isWhole ? (await connection.topology()).cards : [];
    output.problems(problems);
    const whole = cards.filter(({ parents }) => parents.length > 1).map(wholeCard);
    const report = { types, cards: whole, problems: problems.map(issueData) };
    output.report('types', report, (shown, room) =>
      formatTypes(shown.types, only === undefined || !isOne, printable(cards), room),
    );
  },
};

/** What a card takes of each of its types, as if it took no other; with the confidence `upper-bound` it may be less. */
function wholeCard({ product, parents, types }: TopologyCard): WholeCard {
  return {
    product,
    parents: parents.map(({ name }) => name),
    types: types.map(({ id, free, used, confidence }) => ({ id, free, used, confidence })),
  };
}

/** The types of parents that are a card each, and a block for each card with several. */
function formatTypes(
  types: readonly TypeInfo[],
  withParent: boolean,
  cards: readonly TopologyCard[],
  room: TableRoom | undefined,
): string {
  const several = cards.filter(({ parents }) => parents.length > 1);
  const cardOf = new Map(
    several.flatMap((card) => card.parents.map(({ name }) => [name, card] as const)),
  );
  const byCard = groupBy(types, (type) => cardOf.get(type.parent));
  const blocks = [...byCard].map(([card, own]) =>
    card === undefined ? formatParents(own, withParent, room) : formatCard(card, own, room),
  );
  return blocks.length === 0 ? formatParents([], withParent, room) : blocks.join('\n');
}

const HEADINGS = ['Type', 'Name', 'Free', 'Used', 'Has'];

function formatParents(
  types: readonly TypeInfo[],
  withParent: boolean,
  room: TableRoom | undefined,
): string {
  const rows = types.map((type) => [
    ...(withParent ? [type.parent] : []),
    type.id,
    type.name ?? '-',
    String(type.availableInstances),
    String(type.used),
    [
      ...(type.channelDevice === undefined ? [] : [`device ${type.channelDevice}`]),
      describeType(type.attributes),
    ]
      .filter((part) => part !== '')
      .join(', '),
  ]);
  return formatTable(withParent ? ['Parent', ...HEADINGS] : HEADINGS, rows, room);
}

/** @param own the types to show, of each of the card's parents that offers them */
function formatCard(
  { parents, devices, product, types }: TopologyCard,
  own: readonly TypeInfo[],
  room: TableRoom | undefined,
): string {
  const taken = new Set(devices.flatMap(({ active, parent: at }) => (active ? [at] : [])));
  const free = parents.filter(({ address }) => !taken.has(address)).length;
  const ends = [parents[0]?.name ?? '', parents.at(-1)?.name ?? ''] as const;
  const rows = [...new Map(own.map((type) => [type.id, type])).values()].map((type) => {
    const whole = types.find(({ id }) => id === type.id);
    const sign = whole?.confidence === 'upper-bound' ? '<=' : '';
    return [
      type.id,
      type.name ?? '-',
      `${sign}${whole?.free ?? '-'}`,
      String(whole?.used ?? 0),
      describeType(
        type.attributes.map((one) =>
          one.name === 'max_instance' && Number(one.value) > parents.length
            ? { ...one, value: `${parents.length} (a function each)` }
            : one,
        ),
      ),
    ];
  });
  return `${messages.cardFunctions(product, parents.length, free, ends)}\n${formatTable(HEADINGS, rows, room)}`;
}

/** Compares ids with their numbers by value: `nvidia-22` comes before `nvidia-210`. */
function byParentAndNumber(one: TypeInfo, other: TypeInfo): number {
  return compareIds(one.parent, other.parent) || compareIds(one.id, other.id);
}
