import { readSettings } from "../lib/settings";
import { prepare } from "./prepare";

// For trying it by itself: `node --import ./ops/tsx.mjs offline/main.ts [CACHE FOLDER]`. The verbs call `prepare` the same way.
const [, , folder] = process.argv;
const settings = readSettings();
prepare({
  env: process.env,
  report: (line) => console.log(line),
  cacheFolder: folder ?? settings.cacheFolder,
  images: settings.images,
  providers: settings.providers,
  engine: settings.engine,
  terraform: settings.terraform,
}).then(
  (prepared) => console.log(JSON.stringify(prepared, undefined, 2)),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
