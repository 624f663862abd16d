import { answers } from "./http/answers.ts";
import { chunks } from "./http/chunks.ts";
import { converse } from "./http/client.ts";
import { converse2 } from "./http/client2.ts";
import { codings } from "./http/codings.ts";
import { connection } from "./http/connection.ts";
import { floods } from "./http/floods.ts";
import { frames } from "./http/wrong-frames.ts";
import { headers } from "./http/headers.ts";
import { lengths } from "./http/lengths.ts";
import { lines } from "./http/lines.ts";
import type { Row, Section } from "./http/row.ts";
import { slow } from "./http/slow.ts";
import { streams } from "./http/streams.ts";
import { goServer, millrace } from "./http/subject.ts";
import { target } from "./http/target.ts";

// Go's answers to these say nothing of ours: frames are nghttp2's affair, and it has its own limits.
const HTTP2: readonly Section[] = [streams, frames, floods];
const HTTP1: readonly Section[] = [lengths, codings, chunks, lines, headers, target, connection, answers, slow];

/** SECTIONS are all rows. */
export const SECTIONS: readonly Section[] = [...HTTP1, ...HTTP2];

// How many rows are on their way at once.
const WIDTH = 24;
// What the process may grow by while the rows are sent to it.
const MAX_GROWTH_MB = 128;

/** converseAll sends every row and gives what came back, by row. */
export async function converseAll(port: number, sections: readonly Section[]): Promise<ReadonlyMap<Row, string>> {
  const got = new Map<Row, string>();
  const left = sections.flatMap((section) => section.rows.map((row) => ({ row, two: HTTP2.includes(section) })));
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      got.set(one.row, await (one.two ? converse2 : converse)(port, one.row));
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, next));
  return got;
}

/** runHttp sends the rows to our server and to Go's, prints what is not as it should be, and says whether all is. */
export async function runHttp(print: (line: string) => void): Promise<boolean> {
  await using ours = await millrace();
  const before = ours.megabytes.now;
  const got = await converseAll(ours.port, SECTIONS);
  const { peak } = ours.megabytes;
  await using oracle = await goServer();
  const go =
    oracle &&
    (await converseAll(
      oracle.port,
      SECTIONS.filter((section) => !HTTP2.includes(section)),
    ));
  const problems: string[] = [];
  let explained = 0;
  let count = 0;
  for (const { name, rows } of SECTIONS) {
    const right = rows.filter((row) => got.get(row) === row.want).length;
    print(`${name.padEnd(52)} ${String(right).padStart(3)}/${rows.length}`);
    for (const row of rows) {
      count++;
      const where = `${row.name} (${row.clause})`;
      if (got.get(row) !== row.want) problems.push(`${where}: ${short(got.get(row))}, want ${short(row.want)}`);
      if (go?.has(row) !== true) continue;
      if (row.go !== undefined) explained++;
      const [want, why] = row.go ?? [row.want, ", or an explanation"];
      if (!agrees(go.get(row), want))
        problems.push(`${where}: Go: ${short(go.get(row))}, want ${short(want)}${row.go ? "" : why}`);
    }
  }
  if (!ours.alive) problems.push("the server has ended");
  if (peak - before > MAX_GROWTH_MB) problems.push(`the server grew by ${Math.round(peak - before)} MB`);
  for (const problem of problems) print(problem);
  const beside = go === undefined ? "Go was not there" : `beside Go, which does otherwise in ${explained} for a reason`;
  print(`${count} rows, ${beside}; ${Math.round(before)} MB before, ${Math.round(peak)} MB at most`);
  return problems.length === 0;
}

// A "?" behind an answer says that it may be lost: Go resets some connections under what is still sent.
function agrees(got: string | undefined, want: string): boolean {
  return got === want.replace("?", "") || got === want.replace(/\d+\? \| /, "");
}

function short(outcome: string | undefined): string {
  const text = outcome ?? "nothing";
  return text.length <= 120 ? text : `${text.slice(0, 100)}…${text.slice(-20)}`;
}
