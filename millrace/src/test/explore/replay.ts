/** Replay is what repeats a run: the seed of its randomness, and its decisions. */
export interface Replay {
  readonly seed: number;
  readonly decisions: readonly number[];
}

const FORM = /^v1\.([0-9a-z]+)\.([\w-]*)$/;

/** encode is a replay as text: "v1.SEED.DECISIONS", the decisions as varints in base64url, without zeros at the end. */
export function encode({ seed, decisions }: Replay): string {
  const bytes: number[] = [];
  for (const decision of trimmed(decisions)) {
    let rest = decision;
    for (; rest > 0x7f; rest = Math.trunc(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return `v1.${(seed >>> 0).toString(36)}.${Buffer.from(bytes).toString("base64url")}`;
}

/** decode is the opposite of encode; a RangeError says that the text is none of encode's. */
export function decode(text: string): Replay {
  const [, seed, data] = FORM.exec(text.trim()) ?? [];
  if (seed === undefined || data === undefined) {
    throw new RangeError(
      `test: not a replay: ${JSON.stringify(text)}: want "v1.SEED.DECISIONS" as a failure prints it`,
    );
  }
  const decisions: number[] = [];
  let value = 0;
  let weight = 1;
  for (const byte of Buffer.from(data, "base64url")) {
    value += (byte & 0x7f) * weight;
    weight *= 0x80;
    if (byte > 0x7f) continue;
    decisions.push(value);
    value = 0;
    weight = 1;
  }
  return { seed: Number.parseInt(seed, 36), decisions };
}

/** trimmed is a list of decisions without the zeros at its end: zero is what is decided where nothing is recorded. */
export function trimmed(decisions: readonly number[]): number[] {
  return decisions.slice(0, decisions.findLastIndex((decision) => decision !== 0) + 1);
}
