import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** onPath says whether there is a program of this name to start. */
export function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
