import type { Failure } from "../errors/index.ts";
import { type Chunk, type SqlMigration, badFile } from "./migration.ts";
import { fileOf, normalize } from "./name.ts";

/**
 * parseMigration reads a file in goose's format: "-- +goose Up" and "-- +goose Down" sections of statements that end
 * with a semicolon at the end of a line; what holds semicolons inside stands between "-- +goose StatementBegin" and
 * "-- +goose StatementEnd"; "-- +goose NO TRANSACTION" runs the statements without one. A bad file is invalid_argument
 * ("migrate/bad_file") with file and line.
 * Source: https://pressly.github.io/goose/documentation/annotations/
 */
export function parseMigration(file: string, text: string): SqlMigration {
  const normal = normalize(text);
  const named = fileOf(file, normal, "sql");
  const parser = new Parser(file);
  for (const line of normal.split("\n")) parser.line(line);
  parser.end();
  return { ...named, kind: "sql", up: parser.up, down: parser.down, transaction: parser.transaction };
}

class Parser {
  readonly up: Chunk[] = [];
  down: Chunk[] | undefined = undefined;
  transaction = true;
  readonly #file: string;
  #number = 0;
  #section: Chunk[] | undefined = undefined;
  // The statement being collected, and the line of its first word: 0 while it has none.
  #lines: string[] = [];
  #start = 0;
  // The line of an open StatementBegin, 0 outside.
  #block = 0;

  constructor(file: string) {
    this.#file = file;
  }

  line(line: string): void {
    this.#number++;
    const annotation = /^\s*--\s*\+goose\s+(.*?)\s*$/i.exec(line);
    if (annotation !== null) {
      this.#annotate(annotation[1]!);
      return;
    }
    const code = !/^\s*(--.*)?$/.test(line);
    if (this.#section === undefined) {
      if (code) throw this.#bad('a statement before "-- +goose Up"');
      return;
    }
    if (code && this.#start === 0) this.#start = this.#number;
    this.#lines.push(line);
    if (this.#block === 0 && /;\s*(--.*)?$/.test(line)) this.#flush();
  }

  end(): void {
    if (this.#section === undefined) throw badFile(this.#file, 'there is no "-- +goose Up"');
    this.#checkFinished();
  }

  #annotate(what: string): void {
    switch (what.toLowerCase()) {
      case "up":
        if (this.#section !== undefined) throw this.#bad('a second "Up", or one after "Down"');
        this.#section = this.up;
        return;
      case "down":
        if (this.#section === undefined || this.down !== undefined) throw this.#bad('"Down" stands once, after "Up"');
        this.#checkFinished();
        this.#section = this.down = [];
        return;
      case "statementbegin":
        if (this.#section === undefined) throw this.#bad('"StatementBegin" before "Up"');
        this.#checkFinished();
        this.#block = this.#number;
        return;
      case "statementend":
        if (this.#block === 0) throw this.#bad('"StatementEnd" without "StatementBegin"');
        this.#block = 0;
        this.#flush();
        return;
      case "no transaction":
        this.transaction = false;
        return;
      default:
        throw this.#bad(`unknown annotation "+goose ${what}"`);
    }
  }

  // Comments between statements are dropped, those inside stay.
  #flush(): void {
    if (this.#start > 0) this.#section?.push({ text: this.#lines.join("\n").trim(), line: this.#start });
    this.#lines = [];
    this.#start = 0;
  }

  #checkFinished(): void {
    if (this.#block > 0) throw badFile(`${this.#file}:${this.#block}`, '"StatementBegin" without "StatementEnd"');
    if (this.#start > 0) throw badFile(`${this.#file}:${this.#start}`, "the statement does not end with a semicolon");
    this.#lines = [];
  }

  #bad(what: string): Failure {
    return badFile(`${this.#file}:${this.#number}`, what);
  }
}
