/** Operation is what a task has done: from when to when, and what came of it. */
export interface Operation<Op> {
  readonly op: Op;
  readonly called: number;
  returned: number;
}

/** History notes operations as they are called and as they return. */
export class History<Op> {
  readonly operations: Operation<Op>[] = [];
  #moment = 0;

  /** note calls a function and notes what `read` makes of its outcome. An operation that rejects has not happened. */
  async note<R>(fn: () => R, read: (result: Awaited<R>) => Op): Promise<Awaited<R> | undefined> {
    const called = ++this.#moment;
    let result: Awaited<R>;
    try {
      result = await fn();
    } catch {
      return undefined;
    }
    this.operations.push({ op: read(result), called, returned: ++this.#moment });
    return result;
  }
}

/**
 * linearizable says whether there is an order of the operations that a sequential model allows, and in which none comes
 * before one that had returned when it was called. The model gives the state after an operation, undefined if that
 * cannot happen there; states are compared as text. Source: Wing and Gong, Testing and Verifying Concurrent Objects, 1993.
 */
export function linearizable<Op, S>(
  operations: readonly Operation<Op>[],
  initial: S,
  model: (state: S, op: Op) => S | undefined,
): boolean {
  const seen = new Set<string>();
  const search = (left: readonly Operation<Op>[], state: S): boolean => {
    if (left.length === 0) return true;
    const key = `${left.map(({ called }) => called).join()}|${JSON.stringify(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const firstReturn = Math.min(...left.map(({ returned }) => returned));
    return left.some((operation) => {
      if (operation.called > firstReturn) return false;
      const next = model(state, operation.op);
      return (
        next !== undefined &&
        search(
          left.filter((other) => other !== operation),
          next,
        )
      );
    });
  };
  return search(operations, initial);
}
