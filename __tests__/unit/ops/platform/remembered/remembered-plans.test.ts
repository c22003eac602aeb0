import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../../../../lib/settings.js";
import { RememberedPlans } from "../../../../../ops/platform/remembered/remembered-plans.js";
import { Terraform } from "../../../../../ops/terraform/terraform.js";
import { container, stateOf } from "../../../../support/state-fixtures.js";

const path = process.env.PATH;
let home: string;

/** What a fake `docker` says of the one container that there is. */
function onDocker({ memory = 64, status = "running", pid = 1, startedAt = "then" } = {}): void {
  const inspected = {
    ...{ Id: "c1", Name: "/n", Image: "i1", Path: "consul", Args: [], Config: {}, HostConfig: { Memory: memory } },
    ...{ Mounts: [], State: { Status: status, Pid: pid, StartedAt: startedAt } },
    NetworkSettings: { Ports: {}, Networks: {} },
  };
  writeFileSync(join(home, "inspected.json"), JSON.stringify([inspected]));
}

/** Everything that is looked at, as a plan finds it first. */
interface World {
  readonly file?: string;
  readonly state?: string;
  readonly ca?: string;
  readonly backend?: "local" | "pg";
}

function read({ file = "{}", state = stateOf([container("c1")]), ca = "pem", backend = "local" }: World = {}) {
  for (const name of ["foundation", "workloads"]) {
    mkdirSync(join(home, name), { recursive: true });
    writeFileSync(join(home, name, "cdk.tf.json"), name === "workloads" ? file : "{}");
  }
  const stack = (name: string, dependencies: readonly string[]) => ({
    ...{ name, folder: join(home, name), dependencies, places: [] },
    names: { container: [], network: [], volume: [] },
  });
  const outputs = { ca: { value: ca } };
  return RememberedPlans.read({
    settings: { ...readSettings({ ROLLCALL_CONFIG: "none", ROLLCALL_STATE: join(home, "state") }), backend },
    terraform: new Terraform("cat", process.env),
    stacks: [stack("foundation", []), stack("workloads", ["foundation"])],
    states: new Map([
      ["foundation", stateOf([], outputs)],
      ["workloads", state],
    ]),
  });
}

async function remember(world?: World): Promise<void> {
  const plans = await read(world);
  plans.note("workloads");
  plans.save();
}

const isUnchanged = async (world?: World) => (await read(world)).isUnchanged("workloads");

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rollcall-remembered-"));
  const script = `#!/bin/sh
case "$*" in
  ps*) echo '{"ID":"c1","Names":"n"}' ;;
  "container inspect c1") cat ${home}/inspected.json ;;
esac
`;
  writeFileSync(join(home, "docker"), script, { mode: 0o755 });
  process.env.PATH = `${home}:${path}`;
  onDocker();
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(home, { recursive: true });
});

test("a stack is planned until a plan of it found nothing to do", async () => {
  expect(await isUnchanged()).toBe(false);
  await remember();
  expect(await isUnchanged()).toBe(true);
});

test("what a container does by itself changes nothing", async () => {
  await remember();
  onDocker({ pid: 2, startedAt: "now" });
  expect(await isUnchanged()).toBe(true);
});

test.each<readonly [string, World | (() => void)]>([
  ["its file is synthesized otherwise", { file: '{"resource":{}}' }],
  ["its state was written", { state: stateOf([container("c1"), container("c2")]) }],
  ["a stack that it stands on gives something else", { ca: "another" }],
  ["a container of it stopped", () => onDocker({ status: "exited" })],
  ["a container of it was changed by hand", () => onDocker({ memory: 128 })],
  ["a container of it is gone", () => writeFileSync(join(home, "docker"), "#!/bin/sh\n", { mode: 0o755 })],
  ["the file of fingerprints is damaged", () => writeFileSync(join(home, "state", "unchanged-plans.json"), "{")],
])("a stack is planned again when %s", async (_, change) => {
  await remember();
  if (typeof change === "function") change();
  expect(await isUnchanged(typeof change === "function" ? undefined : change)).toBe(false);
});

test("a stack is planned again when a file that Terraform reads for it has something else in it", async () => {
  const secret = join(home, "hook.url");
  writeFileSync(secret, "one");
  const file = JSON.stringify({ content: `\${sensitive(file("${secret}"))}` });
  await remember({ file });
  expect(await isUnchanged({ file })).toBe(true);
  writeFileSync(secret, "two");
  expect(await isUnchanged({ file })).toBe(false);
  rmSync(secret);
  expect(await isUnchanged({ file })).toBe(false);
});

test("a stack with something in Consul is planned while Consul does not answer", async () => {
  const policy = { ...container("p1"), type: "consul_acl_policy" };
  await remember({ state: stateOf([policy]) });
  expect(await isUnchanged({ state: stateOf([policy]) })).toBe(false);
});

test("with a state in a database everything is planned, and nothing is written", async () => {
  await remember({ backend: "pg" });
  expect(readdirSync(join(home, "state"))).not.toContain("unchanged-plans.json");
  expect(await isUnchanged({ backend: "pg" })).toBe(false);
});
