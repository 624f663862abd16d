/** Limits bound what a client can take. Every one has a production default. */
export interface Limits {
  /** headersTimeoutMs is how long a request's headers may take, from the connection or its first byte. Default: 10 s. */
  readonly headersTimeoutMs: number;
  /** requestTimeoutMs is how long a whole request may take to arrive. Default: 60 s. */
  readonly requestTimeoutMs: number;
  /** keepAliveTimeoutMs is how long a connection may be idle. Default: 75 s, above the 60 s of load balancers. */
  readonly keepAliveTimeoutMs: number;
  /** stallTimeoutMs is how long a client may read nothing of an answer that waits for it. Default: 60 s; 0 is no limit. */
  readonly stallTimeoutMs: number;
  /** checkIntervalMs is how often the four timeouts above are looked at. Default: 1 s; Node's own 30 s is too coarse. */
  readonly checkIntervalMs: number;
  /** maxHeaderBytes is the size of a request's line and headers. Default: 16 KiB. */
  readonly maxHeaderBytes: number;
  /** maxHeaders is how many header lines a request may have. Default: 100; a browser sends about 20. */
  readonly maxHeaders: number;
  /** bodyLimit is how many bytes of body a handler reads at most. Default: 1 MiB. */
  readonly bodyLimit: number;
  /** maxConnections is how many connections are open at once; a further one is closed. Default: 16,384. */
  readonly maxConnections: number;
  /** maxStreams is how many requests a connection of HTTP/2 may have at once. Default: 100, as RFC 9113 section 6.5.2 says at least. */
  readonly maxStreams: number;
  /** maxRequestsPerConnection closes a connection with its nth answer. Default: 0, no limit. */
  readonly maxRequestsPerConnection: number;
  /** requestDeadlineMs ends a request that has not been answered, with 504. Default: 60 s; 0 is none. */
  readonly requestDeadlineMs: number;
  /** idleGraceMs is how long a shutdown waits for a request on idle connections before it closes them. Default: 1 s. */
  readonly idleGraceMs: number;
}

const DEFAULTS: Limits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 75_000,
  stallTimeoutMs: 60_000,
  checkIntervalMs: 1000,
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  bodyLimit: 1024 * 1024,
  maxConnections: 16_384,
  maxStreams: 100,
  maxRequestsPerConnection: 0,
  requestDeadlineMs: 60_000,
  idleGraceMs: 1000,
};

/** limitsOf fills in the defaults; a limit that is no number, or negative, throws a RangeError with its name. */
export function limitsOf(given: Partial<Limits>): Limits {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`http: listen: ${name} must be a whole number of at least 0, not ${String(value)}`);
    }
    limits[name] = value;
  }
  if (limits.headersTimeoutMs > limits.requestTimeoutMs && limits.requestTimeoutMs > 0) {
    throw new RangeError(
      `http: listen: headersTimeoutMs (${limits.headersTimeoutMs}) must not be over requestTimeoutMs (${limits.requestTimeoutMs})`,
    );
  }
  return limits;
}
