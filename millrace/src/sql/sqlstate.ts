import type { Code } from "../errors/index.ts";

/** Meaning is what an SQLSTATE becomes: a canonical code and a reason. */
export interface Meaning {
  readonly code: Code;
  readonly reason: string;
}

// The states that callers tell apart. An authorization error of the service's own database user is the operator's
// problem, not the client's: "internal", never 401 or 403.
const STATES: Readonly<Record<string, readonly [Code, string]>> = {
  // Among others: another number of arguments than the statement has.
  "08P01": ["internal", "protocol_violation"],
  "0A000": ["unimplemented", "feature_not_supported"],
  "22001": ["invalid_argument", "string_too_long"],
  "22003": ["out_of_range", "number_out_of_range"],
  "22007": ["invalid_argument", "bad_datetime"],
  "22008": ["out_of_range", "datetime_out_of_range"],
  "22P02": ["invalid_argument", "bad_text_representation"],
  "23502": ["invalid_argument", "not_null_violation"],
  "23503": ["failed_precondition", "foreign_key_violation"],
  "23505": ["already_exists", "unique_violation"],
  "23514": ["failed_precondition", "check_violation"],
  "23P01": ["failed_precondition", "exclusion_violation"],
  "25006": ["failed_precondition", "read_only"],
  "25P02": ["failed_precondition", "tx_aborted"],
  "25P03": ["unavailable", "connection_lost"],
  "25P04": ["deadline_exceeded", "transaction_timeout"],
  "28000": ["internal", "bad_credentials"],
  "28P01": ["internal", "bad_credentials"],
  "3D000": ["internal", "no_such_database"],
  "40001": ["aborted", "serialization_failure"],
  "40P01": ["aborted", "deadlock"],
  "42501": ["internal", "insufficient_privilege"],
  "42601": ["internal", "syntax_error"],
  "42703": ["internal", "undefined_column"],
  "42P01": ["internal", "undefined_table"],
  "53300": ["resource_exhausted", "too_many_connections"],
  "55P03": ["aborted", "lock_not_available"],
  "57014": ["canceled", "query_canceled"],
  "57P01": ["unavailable", "connection_lost"],
  "57P02": ["unavailable", "connection_lost"],
  "57P03": ["unavailable", "starting_up"],
  "57P05": ["unavailable", "connection_lost"],
  P0001: ["internal", "raise_exception"],
  XX001: ["data_loss", "data_corrupted"],
  XX002: ["data_loss", "index_corrupted"],
};

// The classes, for the states that are not in the table.
const CLASSES: Readonly<Record<string, readonly [Code, string]>> = {
  "08": ["unavailable", "connection_lost"],
  "22": ["invalid_argument", "bad_data"],
  "23": ["failed_precondition", "constraint_violation"],
  "40": ["aborted", "rolled_back"],
  "53": ["resource_exhausted", "insufficient_resources"],
};

/**
 * meaningOf is what an SQLSTATE means to a caller; one that says nothing more exact is "internal".
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function meaningOf(sqlState: string): Meaning {
  const known = STATES[sqlState] ?? CLASSES[sqlState.slice(0, 2)];
  if (known === undefined) return { code: "internal", reason: `sql/state_${sqlState.toLowerCase()}` };
  return { code: known[0], reason: `sql/${known[1]}` };
}
