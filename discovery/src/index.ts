export { type RandomSource, seeded } from "./random-source.ts";
