export { App, type AppOptions, type AppState, type Drainable, newApp } from "./app.ts";
export { main } from "./main.ts";
