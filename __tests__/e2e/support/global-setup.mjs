import { tsImport } from "tsx/esm/api";

/** Jest loads this file without its own resolver, and would not find the TypeScript behind our imports; tsx does. */
export default async (config) => (await tsImport("./global-setup.ts", import.meta.url)).default(config);
