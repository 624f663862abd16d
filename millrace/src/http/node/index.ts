export { type ListenOptions, listen } from "./listen.ts";
export { Server, type ShutdownReport } from "./server.ts";
export type { Limits } from "./limits.ts";
export type { ServerLog } from "./engine.ts";
export { type NodeHandler, toNodeHandler } from "./to-node-handler.ts";
export type { TlsFiles, TlsOptions, TlsTexts } from "./tls.ts";
export { type ClusterOptions, openCluster } from "./open-cluster.ts";
export type { Cluster, RestartReport } from "./cluster.ts";
export type { Cut } from "./cluster-worker.ts";
