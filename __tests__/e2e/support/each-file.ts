import { readDeclaration } from "../../../dev/test/declaration.js";
import { untilAllPass } from "./cluster.js";
import { KEPT_VARIABLE } from "./platform.js";
import { platformUp } from "./platform-up.js";

const { needs, seconds } = readDeclaration(expect.getState().testPath ?? "");
/** A busy machine takes three times as long; a short file is not worth a tight limit. */
const limitMs = 3_000 * Math.max(seconds, 40);
/** Longer than an `up` of a fresh clone takes, where the images are there. */
const UP_MS = 900_000;
let begun = 0;

// Each wait has a deadline of its own, with a message; these two only end what hangs.
jest.setTimeout(limitMs);

beforeAll(async () => {
  if (needs === "platform" && !process.env[KEPT_VARIABLE]) await platformUp();
  if (needs === "platform") await untilAllPass(60);
  begun = Date.now();
}, UP_MS);

beforeEach(() => {
  const tookMs = Date.now() - begun;
  if (tookMs > limitMs)
    throw new Error(`the file has taken ${Math.round(tookMs / 1000)} s: its limit is ${limitMs / 1000} s (@seconds)`);
});
