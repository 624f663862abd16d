export { Admin, type AdminOptions, type RequestLister, openAdmin } from "./admin.ts";
