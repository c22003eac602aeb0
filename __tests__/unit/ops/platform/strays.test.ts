import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings } from "../../../../lib/settings.js";
import * as host from "../../../../ops/docker/docker-host.js";
import { preflight } from "../../../../ops/platform/preflight.js";
import { readSighting } from "../../../../ops/platform/strays.js";
import type { UpRecord } from "../../../../ops/platform/up-record.js";
import { leftovers } from "../../../../ops/report/doctor/leftovers.js";
import { localStateProblems } from "../../../../ops/terraform/state-health.js";
import { Terraform } from "../../../../ops/terraform/terraform.js";
import { container, found, network, stateOf } from "../../../support/state-fixtures.js";

jest.mock("../../../../ops/docker/docker-host.js", () => ({
  ...jest.requireActual("../../../../ops/docker/docker-host.js"),
  listAll: jest.fn(),
  listOwned: jest.fn(),
  docker: jest.fn(),
  remove: jest.fn(),
}));
jest.mock("../../../../ops/platform/tools.js", () => ({ setUpTerraform: async () => undefined }));

const listAll = jest.mocked(host.listAll);
const listOwned = jest.mocked(host.listOwned);
const docker = jest.mocked(host.docker);
const remove = jest.mocked(host.remove);

/** What is on the Docker host: a gateway, a server with its carrier, and their network. */
const GATEWAY = found("gateway", "consul-ui", "g1");
const SERVER = found("server-1", "consul-server-1", "s1");
const CARRIER = found("server-1", "consul-server-1-files", "s2", { state: "created" });
const NETWORK = found("foundation", "rollcall-control", "n1", { kind: "network", state: "" });
const STATES = {
  gateway: stateOf([container("g1")]),
  "server-1": stateOf([container("s1"), container("s2")]),
  foundation: stateOf([network("n1")]),
};

let folder: string;
/** The gateway was made with the ports that the settings ask for. */
const PORTS = '{"8500/tcp":[{"HostPort":"8500"}],"8501/tcp":[{"HostPort":"8501"}]}';
const answering = (networks: string) => async (args: readonly string[]) => {
  if (args[0] === "network") return networks;
  return args.some((each) => each.includes("PortBindings")) ? PORTS : "";
};

let there: readonly host.DockerObject[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-strays-"));
  writeFileSync(join(folder, "instance"), "here\n");
  for (const [stack, text] of Object.entries(STATES)) put(stack, text);
  there = [GATEWAY, SERVER, CARRIER, NETWORK];
  listAll.mockImplementation(async (kind) => there.filter((thing) => thing.kind === kind));
  listOwned.mockImplementation(async () => there);
  // Who is in the network.
  docker.mockImplementation(answering("n1 g1 s1\n"));
  remove.mockReset();
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(stack: string, text: string): void {
  writeFileSync(join(folder, `${stack}.tfstate`), text);
}

/** What the last finished `up` recorded. */
const finished = { settings: {}, containers: ["g1", "s1", "s2"] };
const never = undefined;
const begun = { settings: {}, containers: [] };

const settings = () => readSettings({ ROLLCALL_CONFIG: "none", ROLLCALL_STATE: folder });
const terraform = new Terraform("/nonexistent", {});

async function up(record: UpRecord | undefined): Promise<void> {
  await preflight(
    settings(),
    terraform,
    [],
    () => {},
    () => {},
    record,
  );
}

/** The names of what was removed. */
const removed = () => remove.mock.calls.flatMap(([, things]) => things.map(({ name }) => name));

describe("up", () => {
  test("removes nothing of a platform whose states are whole", async () => {
    await up(finished);
    expect(removed()).toEqual([]);
  });

  test.each([
    ["cut to a quarter", (text: string) => text.slice(0, text.length / 4)],
    ["cut to a half", (text: string) => text.slice(0, text.length / 2)],
    ["garbage", () => "garbage"],
    ["zero bytes", () => ""],
    ["{}", () => "{}"],
    ["without resources", () => stateOf([])],
  ])("with a state %s is refused by its file, and removes nothing", async (_, spoil) => {
    for (const stack of ["server-1", "foundation"] as const) {
      put(stack, spoil(STATES[stack]));
      for (const record of [finished, never])
        await expect(up(record)).rejects.toMatchObject({
          message: expect.stringContaining(join(folder, `${stack}.tfstate`)),
          remedy: expect.stringContaining('docs/operations.md, "A lost state"'),
        });
      put(stack, STATES[stack]);
    }
    expect(removed()).toEqual([]);
  });

  test("is refused where the state of a container that the last finished up recorded is gone, and it runs", async () => {
    rmSync(join(folder, "server-1.tfstate"));
    await expect(up(finished)).rejects.toMatchObject({
      message:
        `consul-server-1, consul-server-1-files belong to the platform, but the state of the stack server-1 (${join(folder, "server-1.tfstate")}) ` +
        "does not have them: that state is lost, or an older one was put in its place. Nothing was changed",
      remedy: expect.stringMatching(
        /Where it is gone for good, `docker rm -f consul-server-1 consul-server-1-files` and `npx rollcall up` recreate/,
      ),
    });
    expect(removed()).toEqual([]);
  });

  test("is refused where the state of a network is gone in which the platform runs", async () => {
    rmSync(join(folder, "foundation.tfstate"));
    await expect(up(finished)).rejects.toMatchObject({ message: expect.stringMatching(/^rollcall-control belongs/) });
    expect(removed()).toEqual([]);
  });

  test("is refused where a state file is gone that was there when an up last finished, also of a stack without containers", async () => {
    const record = { ...finished, stacks: [...Object.keys(STATES), "access"] };
    await expect(up(record)).rejects.toMatchObject({
      message: `The state of the stack access (${join(folder, "access.tfstate")}) is gone, though the last \`up\` left one. Nothing was changed`,
      remedy: expect.stringMatching(/take the state from a backup/),
    });
    put("access", stateOf([]));
    await up(record);
    rmSync(join(folder, "server-1.tfstate"));
    // Nobody can tell any more whose it is, whether or not it runs.
    there = [GATEWAY, NETWORK, { ...SERVER, state: "exited" }];
    await expect(up(record)).rejects.toMatchObject({ message: expect.stringMatching(/^consul-server-1 belongs/) });
    expect(removed()).toEqual([]);
  });

  test("is refused where every state file is gone, also where no up has recorded anything: what others stand on was applied once", async () => {
    for (const stack of Object.keys(STATES)) rmSync(join(folder, `${stack}.tfstate`));
    for (const record of [never, begun])
      await expect(up(record)).rejects.toMatchObject({
        message: expect.stringMatching(/^consul-ui belongs to the platform, .*; and so with 1 more stacks/),
      });
    expect(removed()).toEqual([]);
  });

  test("recreates a stack whose state is gone, once its containers are removed as the refusal says; no stack that is in Consul too", async () => {
    const record = { ...finished, stacks: [...Object.keys(STATES), "registry"] };
    put("registry", stateOf([container("r1")]));
    rmSync(join(folder, "server-1.tfstate"));
    const command = "`docker rm -f consul-server-1 consul-server-1-files` and `npx rollcall up`";
    await expect(up(record)).rejects.toMatchObject({ remedy: expect.stringContaining(command) });
    there = [GATEWAY, NETWORK, found("server-1", "consul-server-1-data", "v1", { kind: "volume", state: "" })];
    await up(record);
    rmSync(join(folder, "registry.tfstate"));
    there = [...there, found("registry", "consul-registrar", "r1")];
    await expect(up(record)).rejects.toMatchObject({
      message: expect.stringMatching(/^consul-registrar belongs/),
      remedy: expect.not.stringContaining("docker rm"),
    });
    expect(removed()).toEqual([]);
  });

  test("does not miss a state where nothing is left of the platform", async () => {
    rmSync(join(folder, "server-1.tfstate"));
    const record = { ...finished, stacks: Object.keys(STATES) };
    expect((await readSighting(settings(), [], new Map(), record)).gone).toEqual([]);
    expect((await readSighting(settings(), [GATEWAY, SERVER], new Map(), record)).gone).toEqual(["server-1"]);
  });

  test("is refused where an older state was put in a state's place; Terraform's copy is offered where it knows more", async () => {
    put("server-1", stateOf([container("old")]));
    await expect(up(finished)).rejects.toMatchObject({ remedy: expect.stringMatching(/made no copy of it/) });
    writeFileSync(join(folder, "server-1.tfstate.backup"), stateOf([container("older")]));
    await expect(up(finished)).rejects.toMatchObject({
      remedy: expect.stringMatching(/backup, does not have it either/),
    });
    writeFileSync(join(folder, "server-1.tfstate.backup"), STATES["server-1"]);
    await expect(up(finished)).rejects.toMatchObject({
      remedy: expect.stringMatching(/copy .* holds 2 resources: `cp /),
    });
  });

  test("compares ids as fields: that a state's text mentions one somewhere does not make it known", async () => {
    put("server-1", stateOf([{ ...container("x"), instances: [{ attributes: { id: "x", note: "s1 s2" } }] }]));
    await expect(up(finished)).rejects.toThrow(/consul-server-1/);
  });

  describe("removes, as before, what an interrupted run left:", () => {
    test("of a first up, whose container no state has yet", async () => {
      for (const record of [never, begun]) {
        put("server-1", "");
        writeFileSync(join(folder, ".server-1.tfstate.lock.info"), "{}");
        remove.mockReset();
        await up(record);
        expect(removed()).toEqual(["consul-server-1", "consul-server-1-files"]);
      }
    });

    test("of a later one, whose container the last finished up did not know", async () => {
      there = [...there, found("backup", "consul-backup", "b1")];
      await up(finished);
      expect(removed()).toEqual(["consul-backup"]);
    });

    test("of one after `cdktf destroy`: the state held nothing before, and its copy knows other containers", async () => {
      put("server-1", stateOf([]));
      writeFileSync(join(folder, ".server-1.tfstate.lock.info"), "{}");
      writeFileSync(join(folder, "server-1.tfstate.backup"), stateOf([container("before")]));
      await up({ settings: {}, containers: ["g1", "before"] });
      expect(removed()).toEqual(["consul-server-1", "consul-server-1-files"]);
    });

    test("a network that nothing of the platform is in", async () => {
      rmSync(join(folder, "foundation.tfstate"));
      docker.mockImplementation(answering("n1 stranger\n"));
      await up(finished);
      expect(removed()).toEqual(["rollcall-control"]);
    });
  });

  test("takes a state that `cdktf destroy` emptied for what it is: nothing of the stack is there", async () => {
    put("server-1", stateOf([]));
    there = [GATEWAY, NETWORK];
    await up(finished);
    expect(removed()).toEqual([]);
  });

  test("takes a container that was replaced since for what it is: the state has the new one, and the old one is gone", async () => {
    put("server-1", stateOf([container("s1-new")]));
    there = [GATEWAY, NETWORK, { ...SERVER, id: "s1-new" }];
    await up(finished);
    expect(removed()).toEqual([]);
  });
});

describe("doctor and status", () => {
  const look = () => leftovers.run({ settings: settings(), catalog: { unknown: "" }, containers: [] } as never);
  const told = () => localStateProblems(settings(), async () => terraform, there);

  test("find nothing wrong with whole states", async () => {
    await expect(look()).resolves.toEqual({
      summary: "4 of 4 containers and networks are in the state",
      problems: [],
    });
    await expect(told()).resolves.toEqual([]);
  });

  test("name a damaged state, and call nothing a leftover", async () => {
    put("registry", "{");
    const { summary, problems } = await look();
    expect(summary).toBe("cannot be told: a state is damaged");
    expect(problems).toEqual([
      expect.objectContaining({ what: expect.stringMatching(/^the state of the stack registry, .* is cut off/) }),
    ]);
    await expect(told()).resolves.toEqual(problems);
  });

  test("name a lost state, and what only the next up may remove", async () => {
    writeFileSync(join(folder, "up-record.json"), JSON.stringify(finished));
    rmSync(join(folder, "server-1.tfstate"));
    there = [...there, found("backup", "consul-backup", "b1")];
    const { summary, problems } = await look();
    expect(summary).toBe("2 of 5 containers and networks are in the state");
    expect(problems.map(({ what }) => what)).toEqual([
      expect.stringMatching(
        /^consul-server-1, consul-server-1-files belong to the platform, but the state of the stack server-1/,
      ),
      "consul-backup carries our label and is in no state: an interrupted run made it",
    ]);
  });
});
