import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exportsOf } from "./lib/surface.ts";

const INDEX = `export { type Shape, area as areaOf, open } from "./a.js";`;
const A = `
/** Shape is a shape. */
export interface Shape {
    /** size in mm */
    readonly size: number;
}
declare class Hidden {
    #private;
    readonly anyway: "any";
}
/** area is one. */
declare const area: number;
export { area, type Hidden };
export declare function open(a: string): Hidden;
export declare function open(a: Record<string, any>): Hidden;
`;

test("the surface: re-exports are followed, comments and private parts are gone, `any` is seen in types alone", async () => {
  const dir = await mkdtemp(join(tmpdir(), "millrace-surface-test-"));
  try {
    await writeFile(join(dir, "index.d.ts"), INDEX);
    await writeFile(join(dir, "a.d.ts"), A);
    assert.deepEqual(exportsOf(join(dir, "index.d.ts")), [
      { name: "Shape", text: "interface Shape {\n    readonly size: number;\n}", documented: true, any: false },
      { name: "areaOf", text: "const area: number;", documented: true, any: false },
      {
        name: "open",
        text: "function open(a: string): Hidden;\nfunction open(a: Record<string, any>): Hidden;",
        documented: false,
        any: true,
      },
    ]);
    const hidden = exportsOf(join(dir, "a.d.ts")).find(({ name }) => name === "Hidden");
    assert.deepEqual(hidden?.text, 'class Hidden {\n    readonly anyway: "any";\n}');
    assert.equal(hidden?.any, false);
    await writeFile(join(dir, "index.d.ts"), 'export * from "./a.js";');
    assert.throws(() => exportsOf(join(dir, "index.d.ts")), /name what is exported/);
  } finally {
    await rm(dir, { recursive: true });
  }
});
