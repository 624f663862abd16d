/**
 * REDACTED are the names whose values are never written, at any depth and whatever they hold. Case, "_" and "-" do not
 * matter: "api_key" is also "apiKey" and "API-Key".
 */
export const REDACTED = [
  "password",
  "passwd",
  "passphrase",
  "secret",
  "client_secret",
  "token",
  "access_token",
  "refresh_token",
  "id_token",
  "api_key",
  "private_key",
  "credentials",
  "authorization",
  "proxy_authorization",
  "cookie",
  "set_cookie",
] as const;

/** MASK stands where a secret was. */
export const MASK = "***";

/** redactor makes the test for the names in REDACTED and some more. */
export function redactor(more: readonly string[]): (name: string) => boolean {
  const names = [...REDACTED, ...more].map((name) =>
    Array.from(name.replaceAll(/[-_]/g, ""), (char) => RegExp.escape(char)).join("[-_]?"),
  );
  const pattern = new RegExp(`^(?:${names.join("|")})$`, "i");
  return (name) => pattern.test(name);
}
