/** Serving is a server's list of the requests that it has not answered. */
export interface Serving {
  all(): readonly { describe(): string }[];
}

/** serving are the servers of this process that listen, for reports of what it is doing. */
export const serving: Set<Serving> = new Set();
