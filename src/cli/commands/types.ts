import type { TypeInfo } from '../../engine/types.ts';
import { typeFields } from '../../drivers/type-fields.ts';
import type { Command } from '../command.ts';
import { describeType } from '../describe-type.ts';
import { jsonOption, listOption, textOption } from '../options.ts';
import { issueData } from '../report-error.ts';
import { formatTable } from '../table.ts';

const parent = textOption('parent', 'name or address of a parent device; all parents when absent', {
  completion: 'parent',
});

const fields = typeFields().map(({ name }) => name);

const where = listOption('where', 'only types that meet the criteria; may be repeated', {
  placeholder: 'CRITERIA',
});
const sort = textOption('sort', 'the field to sort by; numbers largest first', {
  placeholder: 'FIELD',
  completion: fields,
});

export const command: Command = {
  arguments: [parent],
  options: [where, sort, jsonOption],
  description: `Criteria are conditions separated by commas, all of which must hold: FIELD=VALUE, or with !=, <, <=, > and
>=. Memory needs a unit (512M, 2GiB). Fields: ${fields.join(', ')}, resolution (2560x1600).`,
  examples: [
    ['types', 'of all parents'],
    ['types pci_0000_86_00_0', 'of one GPU'],
    ["types --where 'framebuffer>=2G,heads=4' --where free=1 --sort free", 'with what is needed'],
  ],

  async run({ args, connect, output }) {
    const only = args.get(parent);
    const by = args.get(sort);
    const filter = { parent: only, where: args.get(where), sort: by };
    const { items, problems } = await (await connect()).types(filter);
    const types = by === undefined ? items.toSorted(byParentAndNumber) : items;
    output.problems(problems);
    output.report({ types, problems: problems.map(issueData) }, (shown) =>
      formatTypes(shown.types, only === undefined),
    );
  },
};

function formatTypes(types: readonly TypeInfo[], withParent: boolean): string {
  const rows = types.map((type) => [
    ...(withParent ? [type.parent] : []),
    type.id,
    type.name ?? '-',
    String(type.availableInstances),
    String(type.used),
    describeType(type.attributes),
  ]);
  const headings = ['Type', 'Name', 'Free', 'Used', 'Has'];
  return formatTable(withParent ? ['Parent', ...headings] : headings, rows);
}

/** Compares ids with their numbers by value: `nvidia-22` comes before `nvidia-210`. */
function byParentAndNumber(one: TypeInfo, other: TypeInfo): number {
  const options = { numeric: true };
  return (
    one.parent.localeCompare(other.parent, 'en', options) ||
    one.id.localeCompare(other.id, 'en', options)
  );
}
