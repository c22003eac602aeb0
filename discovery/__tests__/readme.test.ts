import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FakeConsul } from "./support/fake-consul.js";

const ROOT = join(import.meta.dirname, "..", "..");
const PACKAGE = join(ROOT, "discovery");
const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, text = ""]) => text);

const consul = new FakeConsul();
/** What the compiler said of the examples. */
let compiled: string;
let app: string;
let consulPort: number;
let service: Server;
let servicePort: number;

/** An application with the built package, a Consul and a billing service. */
beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), "discovery-readme-"));
  const installed = join(app, "node_modules", "@rollcall", "discovery");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, "package.json"), readFileSync(join(PACKAGE, "package.json")));
  execFileSync(process.execPath, [join(PACKAGE, "build.mjs"), join(installed, "dist")], { cwd: ROOT });
  mkdirSync(join(app, "node_modules", "@types"));
  symlinkSync(join(ROOT, "node_modules/@types/node"), join(app, "node_modules/@types/node"));
  for (const [number, text] of examples.entries()) writeFileSync(join(app, `example-${number}.mts`), text);
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const flags = ["--ignoreConfig", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];
  const files = examples.map((_, number) => `example-${number}.mts`);
  compiled = spawnSync(process.execPath, [tsc, ...flags, ...files], { cwd: app, encoding: "utf8" }).stdout;
  consulPort = await consul.start();
  service = createServer((request, answer) => answer.end(request.url));
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  servicePort = (service.address() as AddressInfo).port;
  consul.set("billing_service", [
    { id: "billing_service", address: "127.0.0.1", port: servicePort, tags: ["v1"], meta: { version: "1.0.0" } },
  ]);
  consul.checks.set("billing_service:ttl", { status: "", note: "" });
});
afterAll(async () => {
  await consul.stop();
  service.close();
  service.closeAllConnections();
  rmSync(app, { recursive: true, force: true });
});

/** What an example prints, line by line. */
const PRINTS: readonly (() => readonly string[])[] = [
  () => ["200"],
  () => [],
  () => ["ann", "bob", "ann"].map((user) => `${user} ${servicePort}`),
  () => [`billing_service 127.0.0.1:${servicePort} passing`, "from consul, 0 s old"],
  () => ["added billing_service", "added billing_service passing"],
  () => ["thumbnail_worker-10.0.0.7-9000"],
  () => [],
  () => [`${servicePort}`],
];

test("each example of the README has types that fit, and there is one expectation for each", () => {
  expect(examples).toHaveLength(PRINTS.length);
  expect(compiled).toBe("");
});

test("an example is no longer than a dozen lines", () => {
  const lengths = examples.map((text) => text.trimEnd().split("\n").length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
});

test.each(PRINTS.map((prints, number) => [number + 1, prints] as const))(
  "example %i of the README runs, prints what it should and ends",
  async (number, prints) => {
    const env = { ...process.env, CONSUL_HOST: "127.0.0.1", CONSUL_PORT: `${consulPort}` };
    const args = [join(app, `example-${number - 1}.mjs`)];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: app, env, timeout: 20_000 });
    expect(stderr).toBe("");
    expect(stdout.split("\n").filter(Boolean)).toEqual(prints());
  },
);
