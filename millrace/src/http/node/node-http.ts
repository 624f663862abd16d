/**
 * http is node:http. An `import` of it would evaluate every export of the module, which includes getters that load the
 * WebSocket client: 26 ms and 9 MB at every start.
 */
export const http: typeof import("node:http") = process.getBuiltinModule("node:http");
