// Loaded into each process of a test file. node's runner waits for such a process without a limit: one that an open
// handle keeps alive would hang the whole run, and nobody would know which it is. This ends it and says what held it.
const limitMs = Number(process.env["TEST_FILE_MS"]);
if (process.env["NODE_TEST_CONTEXT"] !== undefined && limitMs > 0) {
  setTimeout(() => {
    const held = [...new Set(process.getActiveResourcesInfo())].join(", ");
    console.error(`${process.argv[1]}: not done in ${limitMs / 1000} s; what keeps it: ${held}`);
    process.exit(1);
  }, limitMs).unref();
}
