/** closed is what a receive gives once the channel is closed and drained. */
export const closed: unique symbol = Symbol("closed");
/** Closed is the type of `closed`. */
export type Closed = typeof closed;

/** empty is what tryRecv gives when nothing is there at the moment. */
export const empty: unique symbol = Symbol("empty");
/** Empty is the type of `empty`. */
export type Empty = typeof empty;
