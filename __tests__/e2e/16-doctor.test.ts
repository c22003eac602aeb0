/**
 * @needs platform
 * @areas ops/verbs/doctor.ts ops/report/doctor ops/terraform/remedies.ts ops/cli/few.ts ops/report/problem.ts ops/platform/places
 * @seconds 260
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, inTime, nameOf, platform, rollcall, until } from "./support/platform.js";
import { onceWell, remedyOf, STACK_TRACE, untilWell, wrongIn } from "./support/well.js";

/** A service and its stand-in, which these tests stop and start. */
const SERVICE = "weather_service";
const HOST = "isa-weather";

beforeAll(() => untilWell("all is well before", 40));
afterAll(async () => {
  await docker("start", ...["consul-ui", "consul-agent-shared", HOST].map(nameOf));
  await untilWell("all is well after", 60);
});

describe("npx rollcall doctor", () => {
  test("finds nothing on a healthy platform", async () => {
    const ended = await onceWell("doctor", () => rollcall("doctor"));
    expect({ code: ended.code, wrong: wrongIn(ended) }).toEqual({ code: 0, wrong: [] });
    expect(ended.stdout).toMatch(/^DNS +ok +4 names of servers, 40 of services, [a-z-]+\.query\.consul$/m);
    expect(ended.stdout).toMatch(/^Drift +ok +11 stacks compared$/m);
    expect(ended.stdout.trim().split("\n").at(-1)).toBe("All is well.");
    inTime("doctor", ended.seconds, 30);
  });

  test("without Docker says that, looks at what needs none, and what to do", async () => {
    const ended = await rollcall("doctor", [], { DOCKER_HOST: "unix:///nowhere.sock" });
    expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
    expect(wrongIn(ended)).toEqual([expect.stringMatching(/^Docker does not answer: .*nowhere\.sock/)]);
    expect(remedyOf(ended, "Docker does not answer")).toMatch(
      /^Start the Docker that DOCKER_HOST names \(unix:\/\/\/nowhere\.sock\)/,
    );
    expect(ended.stdout).toMatch(/^Docker +wrong +does not answer$/m);
    expect(ended.stdout).toMatch(/^Ports +- +not looked at: Docker does not answer$/m);
    expect(ended.stdout).toMatch(/^Modes +ok +\d+ files and folders with secrets$/m);
  });

  test("where another Consul is declared than runs, names each server and the command", async () => {
    const ended = await until("doctor tells of the versions alone", 40, async () => {
      const found = await rollcall("doctor", [], { ROLLCALL_CONSUL_VERSION: "1.22.3" });
      return wrongIn(found).length === 3 && found;
    });
    expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
    expect(wrongIn(ended)).toEqual([1, 2, 3].map((n) => `server-${n} runs Consul 1.22.5, and 1.22.3 is declared`));
    expect(remedyOf(ended, "server-1 runs Consul")).toBe("`npx rollcall up` puts it back.");
  });

  test("with a Terraform that is too old, or with none, says so and what to install", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-terraform-"));
    const old = join(folder, "terraform");
    const version = '{"terraform_version":"1.4.7"}';
    const real = process.env.ROLLCALL_TERRAFORM || "terraform";
    writeFileSync(old, `#!/bin/sh\n[ "$1" = version ] && echo '${version}' && exit\nexec ${real} "$@"\n`, {
      mode: 0o700,
    });
    try {
      for (const [program, what, remedy] of [
        [old, `${old} 1.4.7 is too old`, "Install 1.5 or newer."],
        ["no-such-terraform", "no-such-terraform is not installed", /^ROLLCALL_TERRAFORM names no-such-terraform/],
      ] as const) {
        const ended = await rollcall("doctor", [], { ROLLCALL_TERRAFORM: program });
        expect(ended).toMatchObject({ code: 1, stderr: expect.not.stringMatching(STACK_TRACE) });
        expect(wrongIn(ended)).toContain(what);
        expect(remedyOf(ended, what)).toMatch(remedy);
        expect(ended.stdout).not.toMatch(STACK_TRACE);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("finds planted faults of several kinds, each with its remedy, and nothing once they are gone", async () => {
    const { folder, httpPort } = platform();
    const state = join(folder, "state", "foundation.tfstate");
    const label = (
      await docker("inspect", "--format", '{{index .Config.Labels "rollcall.instance"}}', nameOf("consul-ui"))
    ).trim();
    const image = (await docker("inspect", "--format", "{{.Image}}", nameOf("consul-server-1"))).trim();
    const intruder = createServer();
    chmodSync(state, 0o644);
    await docker("stop", "--time", "1", nameOf(HOST), nameOf("consul-ui"));
    await docker(
      "create",
      "--name",
      nameOf("left"),
      "--label",
      "rollcall=registry",
      "--label",
      `rollcall.instance=${label}`,
      image,
      "true",
    );
    await new Promise<void>((resolve) => intruder.listen(httpPort, "127.0.0.1", resolve));
    try {
      const ended = await until("doctor finds all of them", 40, async () => {
        const found = await rollcall("doctor");
        return found.stdout.includes(`${SERVICE} is critical`) && found;
      });
      expect(ended.code).toBe(1);
      expect(wrongIn(ended)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^gateway does not run: exited/),
          `port ${httpPort} on 127.0.0.1 is taken by something that is not the gateway`,
          `the platform's network does not resolve ${HOST}`,
          `others may read ${state} (0644)`,
          `${nameOf("left")} carries our label and is in no state: an interrupted run made it`,
          expect.stringMatching(new RegExp(`^${SERVICE} is critical: `)),
        ]),
      );
      expect(ended.stdout).toContain(`npx rollcall logs ${SERVICE}`);
      // The seed's own question: what does the check of a failing service say?
      const said = await rollcall("logs", [SERVICE]);
      expect(said.stdout).toMatch(new RegExp(`^${SERVICE}: critical, http: .*(${HOST}|no such host|refused|timeout)`));
    } finally {
      await new Promise<void>((resolve) => intruder.close(() => resolve()));
      chmodSync(state, 0o600);
      await docker("rm", "--force", "--volumes", nameOf("left"));
      await docker("start", nameOf(HOST), nameOf("consul-ui"));
    }
    await untilWell("all is well with the faults gone", 40);
    expect(wrongIn(await onceWell("doctor with the faults gone", () => rollcall("doctor")))).toEqual([]);
  });
});
