/** SCRIPT is the documentation page's: it loads the document, shows it, and calls the API. It is run by a browser as it is. */
export const SCRIPT: string = String.raw`
const $ = (tag, props, ...children) => {
  const { dataset, ...rest } = props ?? {};
  const node = Object.assign(document.createElement(tag), rest);
  Object.assign(node.dataset, dataset);
  node.append(...children.flat(9).filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};
const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
const link = document.querySelector("link[rel=service-desc]");
let api;

const deref = (value) => {
  for (let i = 0; value?.$ref && i < 20; i++) {
    const steps = value.$ref.slice(2).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    value = steps.reduce((at, step) => at?.[step], api);
  }
  return value ?? {};
};
const refName = (schema) => schema?.$ref?.split("/").at(-1);

// Text with code between backquotes, and empty lines between paragraphs.
const inline = (text) => (text ?? "").split(/(\x60[^\x60]+\x60)/).map((part) =>
  part.startsWith("\x60") && part.length > 1 ? $("code", {}, part.slice(1, -1)) : part);
const prose = (text) => (text ?? "").split(/\n\s*\n/).filter(Boolean).map((paragraph) => $("p", {}, inline(paragraph)));

// A schema as a type: { id: string, tags?: string[] }.
const LIMITS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
  "minItems", "maxItems", "uniqueItems", "pattern", "default"];
const notes = (schema) => {
  const limits = LIMITS.filter((key) => schema[key] !== undefined && JSON.stringify(schema[key]).length < 60)
    .map((key) => key + " " + JSON.stringify(schema[key]));
  return [schema.format, ...limits, schema.description].filter(Boolean).join(", ");
};
const typeOf = (schema, indent = "") => {
  if (schema === true || schema === undefined) return ["any"];
  if (schema === false) return ["never"];
  const name = refName(schema);
  if (name) return [$("a", { href: "#schema-" + name }, name)];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return several.flatMap((one, i) => [i ? " | " : "", typeOf(one, indent)]);
  if (schema.allOf) return schema.allOf.flatMap((one, i) => [i ? " & " : "", typeOf(one, indent)]);
  const type = schema.type;
  if (Array.isArray(type)) return type.flatMap((one, i) => [i ? " | " : "", typeOf({ ...schema, type: one }, indent)]);
  if (type === "array") {
    if (schema.prefixItems) return ["[", schema.prefixItems.flatMap((one, i) => [i ? ", " : "", typeOf(one, indent)]), "]"];
    return [typeOf(schema.items, indent), "[]"];
  }
  if (type === "object" || schema.properties) {
    const inner = indent + "  ";
    const rows = Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
      const note = field.$ref ? "" : notes(field);
      return ["\n" + inner + key + (schema.required?.includes(key) ? "" : "?") + ": ", typeOf(field, inner),
        note ? $("span", { className: "dim" }, "  // ", inline(note)) : ""];
    });
    const rest = schema.additionalProperties;
    if (rest && typeof rest === "object") rows.push("\n" + inner + "[key]: ", typeOf(rest, inner));
    return rows.length ? ["{", rows, "\n" + indent + "}"] : ["{}"];
  }
  return [schema.contentMediaType ? "file (" + schema.contentMediaType + ")" : (type ?? "any")];
};
const isFile = (schema) => (schema.items ?? schema).contentMediaType !== undefined;
// What a name stands for is shown where it is needed first, one level deep.
const typeBlock = (schema) => $("pre", {}, typeOf(schema), schema.$ref && [" ", typeOf(deref(schema))]);

const SAMPLES = { uuid: "018f0000-0000-7000-8000-000000000000", email: "you@example.com", date: "2030-01-31",
  "date-time": "2030-01-31T12:00:00Z", uri: "https://example.com" };
const example = (schema, depth = 0) => {
  schema = deref(schema);
  const { examples, type } = schema;
  for (const value of [examples?.[0], schema.example, schema.default, schema.const, schema.enum?.[0]]) {
    if (value !== undefined) return value;
  }
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return example(several.find((one) => one.type !== "null") ?? several[0], depth);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => example(one, depth)));
  switch (Array.isArray(type) ? type[0] : type) {
    case "string": return SAMPLES[schema.format] ?? "text".padEnd(schema.minLength ?? 0, "x").slice(0, schema.maxLength ?? 99);
    case "integer": case "number": return schema.minimum ?? Math.min(1, schema.maximum ?? 1);
    case "boolean": return true;
    case "null": return null;
    case "array": return depth > 6 ? [] : [example(schema.items, depth + 1)];
    default: break;
  }
  if (depth > 6) return {};
  return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, field]) => [key, example(field, depth + 1)]));
};
const pretty = (value) => JSON.stringify(value, null, 2);

const credentials = {};
const credentialFields = () => Object.entries(api.components?.securitySchemes ?? {}).map(([name, scheme]) =>
  $("label", {}, name + (scheme.type === "apiKey" ? " (" + scheme.in + " " + scheme.name + ")" : " token"),
    $("input", { type: "password", autocomplete: "off", dataset: { scheme: name }, placeholder: "not set",
      oninput: (event) => (credentials[name] = event.target.value.trim()) })));

const authorize = (operation, headers, query) => {
  for (const name of Object.keys(Object.assign({}, ...(operation.security ?? [])))) {
    const scheme = api.components.securitySchemes[name];
    const value = credentials[name];
    if (!value) continue;
    if (scheme.type === "apiKey" && scheme.in === "header") headers[scheme.name] = value;
    else if (scheme.type === "apiKey" && scheme.in === "query") query.set(scheme.name, value);
    else if (scheme.type !== "apiKey") headers.authorization = (scheme.scheme === "basic" ? "Basic " : "Bearer ") + value;
  }
};

const bodyOf = (operation) => Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
// A form's fields, out of the JSON in which they are written here.
const pairs = (text) => Object.entries(JSON.parse(text)).flatMap(([name, value]) =>
  [value].flat().map((one) => [name, typeof one === "string" ? one : JSON.stringify(one)]));

// A stream of events is shown while it comes, and may never end.
const read = async (response, type, show) => {
  if (!/json|text|xml|javascript/.test(type)) {
    const { size } = await response.blob();
    return size ? size + " bytes of " + (type || "no known type") : "";
  }
  let text = "";
  const decoder = new TextDecoder();
  if (response.body) for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (type.startsWith("text/event-stream")) show(text);
  }
  if (/json/.test(type)) { try { return pretty(JSON.parse(text)); } catch { /* shown as it is */ } }
  return text;
};

const quote = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const tryIt = (method, path, operation) => {
  const [type, content] = bodyOf(operation);
  const fields = (operation.parameters ?? []).map((parameter) => {
    const { name, required } = parameter;
    const input = $("input", { name: parameter.in + "." + name, required, autocomplete: "off" });
    if (parameter.schema.default !== undefined) input.placeholder = JSON.stringify(parameter.schema.default);
    return { parameter, input, label: $("label", {}, name + (required ? " *" : ""), " ", $("span", { className: "dim" }, parameter.in), input) };
  });
  const sample = type && example(content.schema);
  const files = Object.entries(type === "multipart/form-data" ? content.schema.properties : {}).filter(([, schema]) => isFile(schema)).map(([name, schema]) => {
    delete sample[name];
    const input = $("input", { type: "file", name: "file." + name, multiple: schema.type === "array" });
    return { name, input, label: $("label", {}, name + " ", $("span", { className: "dim" }, "file"), input) };
  });
  const body = type && $("textarea", { name: "body", spellcheck: false, value: pretty(sample) });
  const payloadOf = () => {
    if (type === "application/json") return { body: body.value, curl: ["-d " + quote(body.value)] };
    const form = type === "multipart/form-data" ? new FormData() : new URLSearchParams();
    const curl = [];
    for (const [name, value] of pairs(body.value)) {
      form.append(name, value);
      curl.push((type === "multipart/form-data" ? "--form-string " : "--data-urlencode ") + quote(name + "=" + value));
    }
    for (const { name, input } of files) for (const file of input.files) {
      form.append(name, file);
      curl.push("-F " + quote(name + "=@" + file.name));
    }
    return { body: form, curl };
  };
  const output = $("div", { role: "status" });
  const send = async (event) => {
    event.preventDefault();
    const [headers, query] = [{}, new URLSearchParams()];
    let target = path;
    for (const { parameter, input } of fields) {
      if (input.value === "") continue;
      if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
      else if (parameter.in === "header") headers[parameter.name] = input.value;
      else for (const value of parameter.schema.type === "array" ? input.value.split(",") : [input.value]) query.append(parameter.name, value);
    }
    authorize(operation, headers, query);
    if (type === "application/json") headers["content-type"] = type;
    let payload;
    try { payload = body ? payloadOf() : { curl: [] }; } catch (err) {
      return output.replaceChildren($("p", { className: "bad" }, "The fields are no JSON: " + err.message));
    }
    const search = query.size ? "?" + query : "";
    const server = api.servers?.[0]?.url;
    const base = (server === undefined ? new URL("./" + link.dataset.root, location.href) : new URL(server, link.href)).href.replace(/\/$/, "");
    const url = base + target + search;
    const curl = ["curl -X " + method.toUpperCase() + " " + quote(url), ...Object.entries(headers).map(([name, value]) => "-H " + quote(name + ": " + value)),
      ...payload.curl].join(" \\\n  ");
    output.replaceChildren($("p", {}, "Sending …"));
    const startedAt = performance.now();
    try {
      const response = await fetch(url, { method: method.toUpperCase(), headers, body: payload.body });
      const tookMs = Math.round(performance.now() - startedAt);
      const text = await read(response, response.headers.get("content-type") ?? "", (so) => output.replaceChildren($("pre", { className: "answer" }, so)));
      output.replaceChildren(
        $("p", {}, $("strong", { className: response.ok ? "good" : "bad", dataset: { status: response.status } }, response.status + " " + response.statusText),
          " ", $("span", { className: "dim" }, tookMs + " ms")),
        text && $("pre", { className: "answer" }, text),
        $("details", {}, $("summary", {}, "Headers"), $("pre", {}, [...response.headers].map(([name, value]) => name + ": " + value).join("\n"))),
        $("details", {}, $("summary", {}, "As curl"), $("pre", {}, curl)));
    } catch (err) {
      output.replaceChildren($("p", { className: "bad" }, "No answer: " + err.message), $("pre", {}, curl));
    }
  };
  return $("form", { onsubmit: send }, $("h3", {}, "Try it"), fields.map(({ label }) => label),
    body && $("label", {}, type === "application/json" ? "Body" : "Fields, as JSON", body), files.map(({ label }) => label), $("div", { className: "row" }, $("button", {}, "Send")), output);
};

const answers = (operation) => $("table", {}, Object.entries(operation.responses).map(([status, given]) => {
  const answer = deref(given);
  const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
  const headers = Object.entries(answer.headers ?? {});
  const own = type !== "application/problem+json" && content;
  return $("tr", {}, $("td", {}, $("code", {}, status)), $("td", {},
    own || !type ? prose(answer.description) : $("p", {}, inline(answer.description), " ", typeOf(content.schema)),
    headers.map(([name, header]) => $("p", { className: "dim" }, $("code", {}, name), " ", inline(header.description))),
    own && type !== "application/json" && $("p", { className: "dim" }, type),
    own && [typeBlock(own.schema), type === "application/json" && $("details", {}, $("summary", {}, "Example"), $("pre", {}, pretty(example(own.schema))))]));
}));

const operationCard = ({ method, path, operation }) => {
  const { parameters, security } = operation;
  const card = $("details", { className: "card", id: operation.operationId },
    $("summary", {}, $("span", { className: "method " + method }, method.toUpperCase()),
      $("span", { className: operation.deprecated ? "path gone" : "path" }, path), " ", $("span", { className: "dim" }, operation.summary ?? "")));
  // What is inside is made when it is first opened.
  card.addEventListener("toggle", () => {
    if (!card.open || card.children.length > 1) return;
    const [type, content] = bodyOf(operation);
    card.append($("div", {}, operation.deprecated && $("p", { className: "bad" }, "Deprecated."), prose(operation.description),
      security && $("p", { className: "dim" }, "Needs: " + Object.keys(Object.assign({}, ...security)).join(", ")),
      parameters && [$("h3", {}, "Parameters"), $("table", {}, parameters.map((parameter) => $("tr", {},
        $("td", {}, $("code", {}, parameter.name), parameter.required ? " *" : ""), $("td", { className: "dim" }, parameter.in),
        $("td", {}, $("code", {}, typeOf(parameter.schema)), $("div", { className: "dim" }, inline([parameter.description, notes(parameter.schema)].filter(Boolean).join(" · ")))))))],
      type && [$("h3", {}, "Body"), type !== "application/json" && $("p", { className: "dim" }, type), typeBlock(content.schema)],
      $("h3", {}, "Answers"), answers(operation), tryIt(method, path, operation)));
  });
  return card;
};

const show = () => {
  const { info, tags = [], components = {} } = api;
  document.title = info.title;
  const operations = Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ method, path, operation: item[method] })));
  const names = new Set([...tags.map((tag) => tag.name), ...operations.flatMap(({ operation }) => operation.tags ?? [])]);
  const groups = [...names].map((name) => ({ name, description: tags.find((tag) => tag.name === name)?.description,
    of: operations.filter(({ operation }) => operation.tags?.includes(name)) }));
  groups.push({ name: names.size ? "other" : "operations", of: operations.filter(({ operation }) => !operation.tags?.length) });
  const shown = groups.filter((group) => group.of.length);
  const filter = $("input", { type: "search", placeholder: "Filter ( / )", ariaLabel: "Filter the operations", oninput: () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    for (const node of document.querySelectorAll("[data-find]")) node.hidden = !words.every((word) => node.dataset.find.includes(word));
  } });
  const findOf = ({ method, path, operation }) => [method, path, operation.summary, operation.operationId].join(" ").toLowerCase();
  const schemas = Object.entries(components.schemas ?? {});
  const fields = credentialFields();
  const nav = $("nav", { ariaLabel: "Operations" }, filter, shown.map((group) => [$("h2", {}, group.name),
    $("ul", {}, group.of.map((one) => $("li", { dataset: { find: findOf(one) } }, $("a", { href: "#" + one.operation.operationId },
      $("span", { className: "method " + one.method }, one.method.toUpperCase()), one.path))))]),
    schemas.length > 0 && [$("h2", {}, "Schemas"), $("ul", {}, schemas.map(([name]) => $("li", {}, $("a", { href: "#schema-" + name }, name))))]);
  const main = $("main", { id: "main" }, $("h1", {}, info.title, " ", $("small", { className: "dim" }, info.version)), prose(info.description),
    $("p", {}, $("a", { href: link.href }, "The OpenAPI document"), (api.servers ?? []).map(({ url, description }) => [" · ", url, description && " (" + description + ")"])),
    fields.length > 0 && $("details", { className: "card", open: true }, $("summary", {}, "Credentials, for “Try it”; kept in this page alone"), $("div", {}, fields)),
    shown.map((group) => $("section", {}, $("h2", {}, group.name), prose(group.description),
      group.of.map((one) => { const card = operationCard(one); card.dataset.find = findOf(one); return card; }))),
    schemas.length > 0 && $("section", {}, $("h2", {}, "Schemas"), schemas.map(([name, schema]) =>
      $("details", { className: "card", id: "schema-" + name }, $("summary", {}, $("code", {}, name)), $("div", {}, prose(schema.description), typeBlock(schema))))));
  document.body.replaceChildren($("a", { className: "skip", href: "#main" }, "To the operations"), $("div", { className: "all" }, nav, main));
  const goTo = () => {
    const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (card?.tagName !== "DETAILS") return;
    card.open = true;
    card.scrollIntoView();
    card.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", goTo);
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); filter.focus(); }
    if (event.key === "Escape" && event.target === filter) { filter.value = ""; filter.oninput(); }
  });
  goTo();
};

try {
  const response = await fetch(link.href);
  if (!response.ok) throw new Error(link.href + " answers " + response.status);
  api = await response.json();
  show();
} catch (err) {
  document.body.replaceChildren($("p", { id: "loading", className: "bad" }, "The document cannot be shown: " + err.message));
}
`;
