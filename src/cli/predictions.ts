import type { Prediction } from '../plan/predict.ts';
import { formatTable, type TableRoom } from './table.ts';

/** Predictions as a table, with the reasons below why they are not exact. */
export function formatPredictions(predictions: readonly Prediction[], room?: TableRoom): string {
  const reasons = new Set(predictions.flatMap(({ reason }) => reason ?? []));
  const table = formatTable(
    ['Parent', 'Type', 'Name', 'Free now', 'Free then'],
    likeParents(predictions).flatMap(([parent, rows]) =>
      rows.map(({ type, name, before, available, confidence }) => [
        parent,
        type,
        name ?? '-',
        String(before),
        confidence === 'exact' ? String(available) : `at most ${available}`,
      ]),
    ),
    room,
  );
  return `${table}${[...reasons].map((reason) => `\n${reason}\n`).join('')}`;
}

/** The names of parents with equal predictions, such as the virtual functions of one GPU, in one line. */
function likeParents(
  predictions: readonly Prediction[],
): readonly (readonly [string, readonly Prediction[]])[] {
  const byParent = [...groups(predictions, ({ parent }) => parent)];
  const alike = groups(byParent, ([, rows]) =>
    JSON.stringify(rows.map(({ type, before, available }) => [type, before, available])),
  );
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const [parent, rows] = first;
    const name = others.length === 0 ? parent : `${parent} and ${others.length} like it`;
    return [[name, rows] as const];
  });
}

function groups<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group === undefined) found.set(keyOf(item), [item]);
    else group.push(item);
  }
  return found;
}
