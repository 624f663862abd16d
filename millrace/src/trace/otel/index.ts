export { registerOtel } from "./register.ts";
