/**
 * @needs platform
 * @areas ops/platform/redirects.ts ops/platform/redirects ops/report/diff ops/platform/bring-up.ts lib/catalog/checks
 * @seconds 220
 * @command test:all
 */
import { CatalogFiles, inClone } from "./support/clone.js";
import { untilAllPass } from "./support/cluster.js";
import { Impostor } from "./support/impostor.js";
import { api, rollcall, token, until } from "./support/platform.js";

const USERS = "user-services.yaml";
const catalog = new CatalogFiles();

interface Told {
  readonly exitCode: number;
  readonly catalog: readonly { readonly service: string; readonly words: readonly string[] }[];
  readonly redirected: readonly string[];
}

async function told(): Promise<Told> {
  return JSON.parse((await rollcall("diff", ["--format", "json"])).stdout);
}

describe("a check that is answered with a redirect, which it follows now and will not any more", () => {
  const BILLING = "billing_service: { port: 8216 }";
  const billing = (check: string) =>
    `billing_service: { port: 8216, check: { url: "http://impostor:9000/health"${check} } }`;
  const named =
    /^ {2}billing_service: its check of http:\/\/impostor:9000\/health is answered 307 to http:\/\/impostor:9000\/ready\. /m;
  let impostor: Impostor | undefined;

  beforeAll(async () => {
    impostor = await Impostor.start(
      "impostor",
      9000,
      "absolute_redirect off; location /health { return 307 /ready; } location /ready { return 200 ready; }",
    );
    catalog.edit(USERS, BILLING, billing(", redirects: true"));
    const terraform = '"${ROLLCALL_TERRAFORM:-terraform}" apply -input=false -auto-approve';
    const { code, stderr } = await inClone(
      `npx rollcall synth && cd cdktf.out/stacks/registry && ${terraform} >/dev/null`,
    );
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    await until("its check has followed the redirect", 15, async () => {
      const { body } = await api("/v1/health/checks/billing_service");
      return (JSON.parse(body) as { Output: string }[]).some(({ Output }) =>
        /impostor:9000\/health: 200 OK/.test(Output),
      );
    });
    catalog.restore();
    catalog.edit(USERS, BILLING, billing(""));
  });
  afterAll(async () => {
    catalog.restore();
    await rollcall("up");
    await impostor?.remove();
    await untilAllPass(30);
  });

  test("is named with where it leads and what to do, in every form: exit code 2", async () => {
    const report = await told();
    expect(report.redirected).toEqual([
      expect.stringMatching(/^billing_service: .* answered 307 to \S+\/ready\. .* redirects: true$/),
    ]);
    expect(report.catalog).toMatchObject([
      { service: "billing_service", words: ["check redirects followed → refused"] },
    ]);
    expect(report.exitCode).toBe(2);
    expect((await rollcall("diff")).stdout).toMatch(named);
  });

  test("is named by up before anything is applied, which is no error; once applied, it is quiet", async () => {
    const going = rollcall("up");
    const management = await token("management");
    await until("the value is applied", 40, async () =>
      (await api("/v1/kv/catalog/user-platform/billing_service?raw", management)).body.includes("disable_redirects"),
    );
    await until("the check is critical", 20, async () => {
      const { body } = await api("/v1/health/checks/billing_service");
      const [check] = JSON.parse(body) as { Status: string; Output: string }[];
      return check?.Status === "critical" && check.Output.includes(": 307 Temporary Redirect Output: ");
    });
    // So that `up`, which waits for every service, comes to its end.
    impostor = await Impostor.start("impostor", 9000, "location / { return 200 mended; }");
    const { code, stdout, stderr } = await going;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(named);
    expect(await told()).toMatchObject({ redirected: [], exitCode: 0 });
  });
});
