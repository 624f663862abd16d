import { join } from "node:path";
import ts from "typescript";
import type { Json } from "./files.ts";

const FILE = join(import.meta.dirname, "manifest.ts");

/**
 * kubernetesProblems holds a manifest against the API's own OpenAPI schema, and against the types made of it: the schema
 * knows formats and required fields and lets unknown fields pass, the types find a misspelt one.
 */
export async function kubernetesProblems(manifest: Json): Promise<string[]> {
  const { apiVersion, kind } = manifest;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return ["it has no apiVersion or no kind"];
  // The operator's kinds are in a package of their own.
  const from = apiVersion.startsWith("monitoring.coreos.com/")
    ? "@kubernetes-models/prometheus-operator"
    : "kubernetes-models";
  const module = `${from}/${apiVersion}/${kind}`;
  try {
    await import(module);
  } catch {
    return [`there is no ${kind} in ${apiVersion}`];
  }
  return [...(await schemaProblems(module, kind, manifest)), ...typeProblems(module, kind, manifest)];
}

interface Model {
  validate(): void;
}

async function schemaProblems(module: string, kind: string, manifest: Json): Promise<string[]> {
  // Each module of the package exports a class of its kind.
  const classes = (await import(module)) as Readonly<Record<string, new (data: Json) => Model>>;
  try {
    new classes[kind]!(manifest).validate();
    return [];
  } catch (err) {
    return [(err as Error).message];
  }
}

function typeProblems(module: string, kind: string, manifest: Json): string[] {
  const text = `import type { I${kind} } from "${module}";\nexport const manifest: I${kind} = ${JSON.stringify(manifest)};\n`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === FILE || disk.fileExists(name),
    readFile: (name) => (name === FILE ? text : disk.readFile(name)),
    getSourceFile: (name, language, ...rest) =>
      name === FILE ? ts.createSourceFile(name, text, language) : disk.getSourceFile(name, language, ...rest),
  };
  const program = ts.createProgram([FILE], options, host);
  return ts.getPreEmitDiagnostics(program).map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, "\n"));
}
