import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { providePromtool } from "../../../provision/promtool.js";
import { fakeContext } from "../../support/provision-fakes.js";

/** A machine whose Go writes a program where it is told to. */
function machine() {
  const context = fakeContext((command) => {
    if (command === "go version") return "go version go1.26.8 linux/amd64";
    const into = /-o (\S+)\//.exec(command)?.[1];
    if (into === undefined) return undefined;
    writeFileSync(join(into, "promtool"), "program");
    return "";
  });
  Object.assign(context.cache, { freeGiB: () => 5 });
  return context;
}

test("promtool is compiled once, without Docker, and kept under the key of its module", async () => {
  const context = machine();
  const program = await providePromtool(context);
  expect(readFileSync(program, "utf8")).toBe("program");
  expect(context.calls).toEqual(["go version", expect.stringMatching(/^go build .*prometheus\/cmd\/promtool$/)]);
  expect(await providePromtool(context)).toBe(program);
  expect(context.calls).toHaveLength(2);
});

test("promtool of an earlier version goes when the next one is there; what else is kept stays", async () => {
  const context = machine();
  for (const name of ["promtool-r1-0123456789abcdef", "other"]) writeFileSync(context.cache.path("programs", name), "");
  const program = await providePromtool(context);
  expect(readdirSync(context.cache.subfolder("programs")).sort()).toEqual(["other", program.split("/").at(-1)]);
});

test("promtool is of the Prometheus that the exported rules name", () => {
  const module = readFileSync(join(import.meta.dirname, "../../../provision/prometheus/go.mod"), "utf8");
  expect(module).toContain("github.com/prometheus/prometheus v0.316.0 ");
});
