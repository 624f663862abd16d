export { App, type AppOptions, type AppState, type Drainable, newApp } from "./app.ts";
export type { Budgets } from "./budgets.ts";
export { type Component, type ComponentSpec, type Needs, type Values, component } from "./component.ts";
export { main } from "./main.ts";
export type { Describable, Owned } from "./owned.ts";
