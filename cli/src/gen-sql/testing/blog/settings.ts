/** Settings are what an author has chosen. */
export interface Settings {
  readonly theme?: "light" | "dark";
}
