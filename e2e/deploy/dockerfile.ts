/** Instruction is a line of a Dockerfile: "COPY", its flags, and its arguments, as words or as the JSON of the exec form. */
export interface Instruction {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** args are the words, or the members of the exec form. */
  readonly args: readonly string[];
  /** exec says that the arguments are in the exec form, which starts no shell. */
  readonly exec: boolean;
  readonly text: string;
}

/** Stage is what follows a FROM. */
export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** parseDockerfile reads as much of the syntax as ours uses: no heredocs, no ARG, no variables. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const joined = text.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/\\\n\s*/g, " ");
  for (const line of joined.split("\n").filter((each) => each.trim() !== "")) {
    const instruction = parseLine(line.trim());
    if (instruction.name === "FROM") {
      const [image = "", , name] = instruction.args;
      stages.push({ image, name, instructions: [] });
    } else if (stages.length === 0) throw new SyntaxError(`before any FROM: ${line}`);
    else stages.at(-1)!.instructions.push(instruction);
  }
  return stages;
}

function parseLine(line: string): Instruction {
  const [, name = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
  if (name === "") throw new SyntaxError(`no instruction: ${line}`);
  const flags: Record<string, string> = {};
  let text = rest;
  for (let flag; (flag = /^--([\w-]+)=(\S+)\s+/.exec(text)) !== null; text = text.slice(flag[0].length)) {
    flags[flag[1]!] = flag[2]!;
  }
  // HEALTHCHECK has a word before its command.
  const command = name === "HEALTHCHECK" ? text.replace(/^CMD\s+/, "") : text;
  if (!command.startsWith("[")) return { name, flags, args: text.split(/\s+/), exec: false, text };
  // Docker takes the line for the shell form where it is no JSON, so a mistake must not pass.
  return { name, flags, args: JSON.parse(command) as string[], exec: true, text };
}

/** ignores makes the test for what a .dockerignore leaves out: the last line that matches decides. */
export function ignores(text: string): (path: string) => boolean {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const rules = lines.map((line) => {
    const pattern = line.replace(/^!/, "");
    const source = pattern
      .split(/(\*\*\/|\*)/)
      .map((part) => (part === "**/" ? "(?:.*/)?" : part === "*" ? "[^/]*" : RegExp.escape(part)))
      .join("");
    // A folder stands for what is in it.
    return { keep: line.startsWith("!"), pattern: new RegExp(`^${source}(?:/|$)`) };
  });
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.keep === false;
}
