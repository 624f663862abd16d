/** camelCase turns user_id into userId; leading and trailing underscores and capitals stay. @internal */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}
