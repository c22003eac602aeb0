import { join } from "node:path";
import { freePlace, freshClone } from "../../../ops/fresh-clone";
import { inventory, PLATFORM_VARIABLE } from "./platform";

/** Makes the fresh clone, and finds it a place where it touches no other platform. */
export default async function setup(): Promise<void> {
  // Somebody who works on the tests has a platform up already and names it (`support/README.md`).
  if (process.env[PLATFORM_VARIABLE]) return;
  const folder = await freshClone(join(__dirname, "..", "..", ".."));
  process.env[PLATFORM_VARIABLE] = JSON.stringify({ folder, ...(await freePlace()), before: await inventory() });
}
