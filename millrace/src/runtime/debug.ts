/** debug turns on checks that cost something on hot paths: the environment variable MILLRACE_DEBUG, read once. */
export const debug: boolean = !["", "0", undefined].includes(globalThis.process?.env["MILLRACE_DEBUG"]);
