import { type Column, type Item, type Side, mapColumns } from "./scope.ts";

/**
 * narrow takes up that columns are proven not to be null. A row whose column is not null is there, so the outer joins
 * that might have left it out did not; and then their conditions held, which may prove more.
 */
export function narrow(items: readonly Item[], ids: Iterable<number>): Item[] {
  const columns = new Map<number, Column>();
  for (const item of items) {
    mapColumns(item, (column) => {
      columns.set(column.id, column);
      return column;
    });
  }
  const proven = new Set<number>();
  const present = new Set<Side>();
  const queue = [...ids];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (proven.has(id)) continue;
    proven.add(id);
    for (const side of columns.get(id)?.absent ?? []) {
      if (present.has(side)) continue;
      present.add(side);
      queue.push(...side.implied);
    }
  }
  return items.map((item) =>
    mapColumns(item, (column) => ({
      ...column,
      notNull: column.notNull || proven.has(column.id),
      absent: column.absent.filter((side) => !present.has(side)),
    })),
  );
}

/** mayBeAbsent puts an item on the side of an outer join whose rows may be missing. */
export function mayBeAbsent(item: Item, side: Side): Item {
  return mapColumns(item, (column) => ({ ...column, absent: [...column.absent, side] }));
}
