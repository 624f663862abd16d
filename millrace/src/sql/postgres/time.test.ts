import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDate, parseTimestamptz } from "./time.ts";

test("what the server writes, as a Date", () => {
  const cases = [
    ["2026-01-02 03:04:05+00", "2026-01-02T03:04:05.000Z"],
    ["2026-01-02 03:04:05.6+00", "2026-01-02T03:04:05.600Z"],
    ["2026-01-02 03:04:05.678+02", "2026-01-02T01:04:05.678Z"],
    ["2026-01-02 03:04:05.678999-08", "2026-01-02T11:04:05.678Z"],
    ["2026-01-02 03:04:05+05:30", "2026-01-01T21:34:05.000Z"],
    ["1890-01-02 03:04:05+00:53:28", "1890-01-02T02:10:37.000Z"],
    ["0001-01-01 00:00:00+00", "0001-01-01T00:00:00.000Z"],
    ["0001-12-31 00:00:00+00 BC", "0000-12-31T00:00:00.000Z"],
    ["12026-01-02 03:04:05.5+00", "+012026-01-02T03:04:05.500Z"],
    ["infinity", "+275760-09-13T00:00:00.000Z"],
    ["-infinity", "-271821-04-20T00:00:00.000Z"],
  ] as const;
  for (const [text, iso] of cases) assert.equal(parseTimestamptz(text).toISOString(), iso, text);
  for (const text of ["02.01.2026 03:04:05 CET", "290000-01-01 00:00:00+00", "", "2026-01-02 03:04:05"]) {
    assert.throws(() => parseTimestamptz(text), { reason: "sql/unreadable_value" }, text);
  }
});

test("any Date written as the server writes it is read back, in any zone", () => {
  const date = fc.date({ noInvalidDate: true, min: new Date("0001-01-01T00:00:00Z"), max: new Date(8e15) });
  fc.assert(
    fc.property(date, fc.integer({ min: -15 * 60, max: 15 * 60 }), (date, offset) => {
      const local = new Date(date.getTime() + offset * 60_000);
      fc.pre(local.getTime() >= Date.parse("0001-01-01T00:00:00Z"));
      const year = String(local.getUTCFullYear()).padStart(4, "0");
      const rest = local.toISOString().slice(-20, -1).replace("T", " ");
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
      const zone = `${offset < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}`;
      const text = `${year}${rest}${zone}${minutes === 0 ? "" : `:${String(minutes).padStart(2, "0")}`}`;
      assert.equal(parseTimestamptz(text).getTime(), date.getTime(), text);
    }),
  );
});

test("what is written for the server", () => {
  const cases = [
    ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"],
    ["0099-01-02T03:04:05.678Z", "0099-01-02T03:04:05.678Z"],
    ["+012026-01-02T03:04:05.678Z", "12026-01-02T03:04:05.678Z"],
    ["-000043-03-15T12:00:00.000Z", "0044-03-15T12:00:00.000Z BC"],
  ] as const;
  for (const [iso, text] of cases) assert.equal(formatDate(new Date(iso)), text);
});
