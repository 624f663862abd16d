import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "../../context/index.ts";
import { newLog } from "../../log/index.ts";
import { Registry, scrape } from "../index.ts";
import { countLines } from "./index.ts";

test("lines are counted by level, those of derived logs too, and written as they were", () => {
  const registry = new Registry();
  const texts: string[] = [];
  const out = {
    write: (text: string) => {
      if (text.includes("lost")) throw new Error("no");
      texts.push(text);
    },
  };
  const log = countLines(registry, newLog({ out }));
  const derived = log.with({ part: "mail" });
  log.debug(background, "not written");
  log.info(background, "one", { n: 1 });
  derived.info(background, "two");
  derived.error(background, "lost");
  assert.deepEqual([log.level, log.enabled("debug")], ["info", false]);
  derived.setLevel("warn");
  log.info(background, "not written");
  log.warn(background, "three");
  log.flush();
  assert.deepEqual(
    texts
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .map(({ level, msg, n, part }) => ({ level, msg, n, part })),
    [
      { level: "info", msg: "one", n: 1, part: undefined },
      { level: "info", msg: "two", n: undefined, part: "mail" },
      { level: "warn", msg: "three", n: undefined, part: undefined },
      { level: "warn", msg: "log: lines were dropped", n: undefined, part: undefined },
    ],
  );
  const lines = scrape(registry)
    .body.split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  assert.deepEqual(lines, [
    "log_dropped_lines_total 1",
    'log_lines_total{level="debug"} 0',
    'log_lines_total{level="error"} 1',
    'log_lines_total{level="info"} 2',
    'log_lines_total{level="warn"} 1',
  ]);
});
