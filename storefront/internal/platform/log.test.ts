import assert from "node:assert/strict";
import { test } from "node:test";
import { background } from "millrace/context";
import { Secret } from "millrace/secret";
import { openLog } from "./log.ts";

for (const logFormat of ["json", "pretty"] as const) {
  test(`what is personal is not in a line: ${logFormat}`, () => {
    let text = "";
    const log = openLog({ logLevel: "info", logFormat }, { write: (line) => (text += line) });
    const user = { id: "u1", email: "ada@example.com", name: new Secret("Ada Lovelace") };
    log.info(background, "user", { user, email: user.email, list: [{ Email: user.email }] });
    assert.doesNotMatch(text, /ada|lovelace/i);
    assert.ok(text.includes("u1") && text.includes("***"), text);
  });
}
