import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { decode, encode } from "./encode.ts";

/** Saved is a failure in a corpus. */
export interface Saved {
  readonly file: string;
  /** seed and path repeat it with fast-check, as long as the arbitrary stays as it is. */
  readonly seed: number;
  readonly path: string;
  /** value is what it failed for, unless it is none that a file can hold, an instance of a class for one. */
  readonly value: { readonly of: unknown } | undefined;
}

/** Corpus is the failures that were found before, a file for each. */
export class Corpus {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** all lists them, in the order of their names. */
  all(): Saved[] {
    let names: string[];
    try {
      names = readdirSync(this.dir);
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw err;
    }
    return names
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((file) => this.#read(file));
  }

  /** save adds one, and gives its path; the same value is saved once. */
  save(seed: number, path: string, value: unknown): string {
    const json = encode(value);
    const holds = isDeepStrictEqual(decode(JSON.parse(JSON.stringify(json))), value);
    const content = holds ? { value: json, seed, path } : { seed, path };
    const id = createHash("sha256")
      .update(JSON.stringify(holds ? json : content))
      .digest("hex")
      .slice(0, 16);
    const file = join(this.dir, `${id}.json`);
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
    return file;
  }

  #read(file: string): Saved {
    // As save has written it; by hand, a value is enough.
    const { seed = 0, path = "", ...rest } = JSON.parse(readFileSync(join(this.dir, file), "utf8")) as Partial<Saved>;
    return { file, seed, path, value: "value" in rest ? { of: decode(rest.value) } : undefined };
  }
}
