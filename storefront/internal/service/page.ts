/** Page is a part of a list; `next` is the id to go on after, where there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** paginate makes a page of up to `limit` items out of a list that was asked for one more. */
export function paginate<T extends { readonly id: string }>(found: readonly T[], limit: number): Page<T> {
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
}
