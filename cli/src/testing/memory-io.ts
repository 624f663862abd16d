import type { Io, Output } from "../io.ts";

/** Text is an output that keeps what was written. */
export interface Text extends Output {
  readonly text: string;
}

/** memoryIo is the Io of a test: nothing in the environment but what is given. */
export function memoryIo(
  io: Partial<Pick<Io, "cwd" | "env">> = {},
): Io & { readonly stdout: Text; readonly stderr: Text } {
  return { cwd: "/", env: {}, ...io, stdout: collect(), stderr: collect() };
}

function collect(): Text {
  let text = "";
  return {
    write: (more) => (text += more),
    get text() {
      return text;
    },
  };
}
