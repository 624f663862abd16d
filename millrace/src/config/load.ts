import { Secret } from "../secret/index.ts";
import { maskUrls } from "../secret/mask-urls.ts";
import { ConfigFailure, type Problem } from "./failure.ts";
import { ConfigPrinted, type Entry, printConfig, remember } from "./print.ts";
import type { Field, Fields, Settings } from "./settings.ts";
import { type Found, type Source, lookUp, readFile } from "./source.ts";
import type { StandardSchema } from "../schema/index.ts";
import type { Derivation } from "./url-parts.ts";

/** ConfigOptions say where variables come from. */
export interface ConfigOptions {
  /** env are the variables of the environment; they win over the files. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * files are files of NAME=value lines, or of JSON if they end in .json: `{ "database": { "maxConns": 5 } }` is
   * DATABASE_MAX_CONNS. The first that has a variable wins, one that does not exist is empty.
   */
  readonly files?: readonly string[];
  /** derive gives variables that are in none of them from others. */
  readonly derive?: readonly Derivation[];
  /** argv are the arguments of the command line; "--print-config" among them asks to be shown. @default process.argv */
  readonly argv?: readonly string[];
}

/**
 * loadConfig reads the settings of a program and validates them. It reports everything that is wrong at once, by one
 * ConfigFailure whose message names each variable, what was expected, what came and from where, and no secret.
 *
 * An empty variable counts as missing: deployment tools write `PORT=` for a value they do not have. Variables that no
 * field names are no error. Schemas must be synchronous.
 *
 * With `--print-config` on the command line it throws ConfigPrinted, for which `main` of millrace/app prints the effective
 * configuration and its sources, and ends the process with 0.
 */
export function loadConfig<const F extends Fields>(fields: F, options: ConfigOptions = {}): Settings<F> {
  const { env = process.env, files = [], derive = [], argv = process.argv } = options;
  const problems: Problem[] = [];
  const sources: Source[] = [{ name: "environment", variables: env }];
  for (const path of files) {
    try {
      sources.push(readFile(path));
    } catch (err) {
      problems.push({ variable: path, expected: (err as Error).message, got: "not readable" });
    }
  }
  const settings: Record<string, unknown> = {};
  const entries: Entry[] = [];
  for (const [name, field] of Object.entries<Field>(fields)) {
    try {
      const found = find(field.env, sources, derive);
      const value = parse(field, found);
      settings[name] = field.secret === true && value !== undefined ? new Secret(value) : value;
      entries.push({
        field,
        value: settings[name],
        from: found?.from ?? (value === undefined ? "not set" : "default"),
      });
    } catch (err) {
      if (!(err instanceof Wrong)) throw err;
      problems.push({ variable: field.env, ...err.problem, doc: field.doc });
    }
  }
  if (problems.length > 0) throw new ConfigFailure(problems);
  remember(settings, entries);
  if (argv.includes("--print-config")) throw new ConfigPrinted(printConfig(settings));
  // Every field of F has got its value by its own schema.
  return Object.freeze(settings) as Settings<F>;
}

// What is wrong with one variable, on its way to the list of all problems.
class Wrong extends Error {
  readonly problem: Omit<Problem, "variable">;

  constructor(problem: Omit<Problem, "variable">) {
    super(problem.expected);
    this.problem = problem;
  }
}

function find(env: string, sources: readonly Source[], derive: readonly Derivation[]): Found | undefined {
  const found = lookUp(sources, env);
  if (found !== undefined) return found;
  const derivation = derive.find((each) => each.env === env);
  try {
    return derivation?.derive((variable) => lookUp(sources, variable));
  } catch (err) {
    throw new Wrong({ expected: `want its value, or ${(err as Error).message}` });
  }
}

function parse(field: Field, found: Found | undefined): unknown {
  const got = found === undefined ? undefined : describe(field, found.text);
  const wrong = (expected: string): Wrong => new Wrong({ expected, got, from: found?.from });
  const result = validate(field.schema, found?.text, wrong);
  if (result.issues === undefined) return result.value;
  const expected = result.issues.map((issue) => issue.message).join("; ");
  // A library may quote the value in its message.
  const quoted = field.secret === true && found !== undefined && quotes(expected, found.text);
  throw wrong(quoted ? "its schema refuses it, in words that quote the secret and are left out" : expected);
}

function validate(schema: StandardSchema, text: string | undefined, wrong: (expected: string) => Wrong) {
  let result;
  try {
    result = schema["~standard"].validate(text);
  } catch (err) {
    // Its message may hold the value.
    throw wrong(`its schema threw (${err instanceof Error ? err.name : typeof err})`);
  }
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw wrong("its schema is asynchronous: the configuration is read before anything may wait");
}

function describe(field: Field, text: string): string {
  if (field.secret === true) return `a secret of ${text.length} characters`;
  const shown = maskUrls(text);
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

// Whether a message holds the value or 8 characters in a row of it, in whatever case a schema may have made of it.
function quotes(message: string, value: string): boolean {
  const lower = message.toLowerCase();
  const secret = value.trim().toLowerCase();
  const size = Math.min(8, secret.length);
  for (let i = 0; i + size <= secret.length; i++) {
    if (lower.includes(secret.slice(i, i + size))) return true;
  }
  return false;
}
