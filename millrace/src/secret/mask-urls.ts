// Up to the last @, since a password may hold one that nobody escaped; "host:80/@x" is a port and a path. The bounds
// keep a text full of "://" from costing its square.
const PASSWORD = /(:\/\/[^\s:@/?#]{0,256}:)(?!\d+(?:[/?#"'\s)\]}>]|$))\S{0,512}@/g;

/**
 * maskUrls hides the passwords of URLs in a text: "postgres://app:hunter2@db/shop" becomes "postgres://app:***@db/shop".
 * @internal for log and config
 */
export function maskUrls(text: string): string {
  return text.includes("://") ? text.replaceAll(PASSWORD, "$1***@") : text;
}
