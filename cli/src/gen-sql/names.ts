/** camelCase turns user_id into userId, as rows have their keys, and GetUser into getUser. */
export function camelCase(name: string): string {
  return keyOf(name).replace(/^[A-Z]+(?=[A-Z][a-z]|s(?![a-z])|[^A-Za-z]|$)|^[A-Z]/, (start) => start.toLowerCase());
}

/** keyOf is the key that millrace/sql gives a column: user_id is userId; capitals and outer underscores stay. */
export function keyOf(column: string): string {
  return column.replace(/(?<=[^_])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** pascalCase turns order_status and getUser into OrderStatus and GetUser. */
export function pascalCase(name: string): string {
  return name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, c: string) => c.toUpperCase()).replace(/\W/g, "");
}

/** constantCase turns GetUserByID into GET_USER_BY_ID. */
export function constantCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, (_, a = "", b = "", c = "") =>
      c === "" ? `${a}_${b}` : `${c}_`,
    )
    .toUpperCase();
}

/**
 * singular is a table's name for one of its rows: users is user, categories is category. English has more rules than
 * these; what they do not know stays as it is.
 */
export function singular(name: string): string {
  if (/(?:ss|us|is|news|series)$/i.test(name)) return name;
  if (/(?:movies|cookies|caches)$/i.test(name)) return name.slice(0, -1);
  if (/ies$/i.test(name)) return name.replace(/ies$/i, "y");
  if (/(?:(?:ch|sh|x|ss)es|(?:stat|bon|vir|camp)uses)$/i.test(name)) return name.slice(0, -2);
  return name.replace(/s$/i, "");
}

/** keyText is a key as it stands in an object or interface. */
export function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** fieldText is how a key of an object is read. */
export function fieldText(object: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${object}.${key}` : `${object}[${JSON.stringify(key)}]`;
}
