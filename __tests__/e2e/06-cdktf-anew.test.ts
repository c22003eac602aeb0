/**
 * @needs platform
 * @areas main.ts cdktf.json stacks lib/docker ops/verbs/env.ts
 * @seconds 260
 * @command test:all
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applied, inClone } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { Printed, STACKS, sums } from "./support/plain-cdktf.js";
import { docker, platform, rollcall } from "./support/platform.js";

const printed = new Printed();

/** Containers, networks and volumes of the platform, and what its containers mount, by name or without. */
async function owned(): Promise<readonly string[]> {
  const instance = readFileSync(join(platform().folder, "state", "instance"), "utf8").trim();
  const filter = ["--filter", `label=rollcall.instance=${instance}`];
  const [containers = "", ...others] = await Promise.all([
    docker("ps", "--all", "--quiet", ...filter),
    docker("network", "ls", "--quiet", ...filter),
    docker("volume", "ls", "--quiet", ...filter),
  ]);
  const ids = containers.split("\n").filter(Boolean);
  const mounts = "{{range .Mounts}}{{println .Name}}{{end}}";
  const mounted = ids.length === 0 ? "" : await docker("inspect", "--format", mounts, ...ids);
  return [...ids, ...others.join("\n").split("\n"), ...mounted.split("\n")].filter(Boolean);
}

beforeAll(() => printed.noteSecrets());

describe("destroy and deploy without the verbs", () => {
  test("destroy without leave is refused: a server's data is protected", async () => {
    const terraform = '"${ROLLCALL_TERRAFORM:-terraform}" -chdir=cdktf.out/stacks/server-1';
    const ended = await inClone(`${terraform} init -input=false && ${terraform} plan -destroy -input=false -no-color`);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/Instance cannot be destroyed/);
  });

  test("destroy takes everything away, volumes without a name included", async () => {
    const before = await owned();
    expect(before.length).toBeGreaterThan(60);
    await printed.cdktf("destroy '*' --auto-approve --parallelism 1 --terraform-parallelism 1", "ROLLCALL_PROTECT=off");
    expect(await owned()).toEqual([]);
    const volumes = (await docker("volume", "ls", "--quiet")).split("\n");
    expect(before.filter((name) => volumes.includes(name))).toEqual([]);
  });

  test("deploy brings it up from nothing, stack by stack, and all 40 services pass", async () => {
    const text = await printed.cdktf("deploy '*' --auto-approve", "rm -rf cdktf.out;");
    for (const sum of sums(text)) expect(sum).toMatch(/ \d+ added, 0 changed, 0 destroyed\.$/);
    await untilAllPass(60);
  });

  test("up finds nothing to change in it", async () => {
    const { code, stdout, stderr } = await rollcall("up");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Nothing changed") });
    expect(Object.keys(applied(stderr)).sort()).toEqual(STACKS);
  });

  test("no secret was printed, by no plan, deploy or destroy", async () => {
    await printed.noteSecrets();
    // Twice: four tokens, eight private keys, four random values in two forms.
    printed.expectNoSecret(40);
  });
});
