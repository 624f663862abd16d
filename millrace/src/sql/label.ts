const MAX_WORDS = 6;
// Long enough to tell two statements apart, short enough for ten of them in one message.
const MAX_CHARS = 60;

/** label is the first words of a statement, to name it in a message. @internal */
export function label(text: string): string {
  // A script may be megabytes long: only its head is looked at.
  const words = text
    .slice(0, 4 * MAX_CHARS)
    .trim()
    .split(/\s+/);
  const short = words.slice(0, MAX_WORDS).join(" ");
  if (short.length > MAX_CHARS) return `${short.slice(0, MAX_CHARS)}…`;
  return words.length > MAX_WORDS || text.length > 4 * MAX_CHARS ? `${short} …` : short;
}
