/** OLDEST_NODE is the oldest major version of Node that Millrace runs on. */
const OLDEST_NODE = 24;

/** nodeProblem says what is wrong with a version of Node, undefined if it will do. */
export function nodeProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return undefined;
  return `This program needs Node ${OLDEST_NODE} or newer; this is Node ${version}. Install one from https://nodejs.org.\n`;
}
