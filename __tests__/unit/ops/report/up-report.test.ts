import { untilNothing } from "../../../../ops/platform/left-wrong.js";
import { renderUp } from "../../../../ops/report/up-report.js";

const settings = {
  httpPort: 8500,
  httpsPort: 8501,
  datacenter: "dc1",
  coexist: false,
  monitoring: false,
  receivers: undefined,
};
const outcome = { changed: 0, stacks: 9, repairs: [], wrong: [], seconds: 17 };
const dead = { what: "the gateway: it does not answer", remedy: "`npx rollcall up` puts it back." };

describe("up says at its end", () => {
  test("that nothing changed, only where nothing was done and nothing is wrong", () => {
    const text = renderUp(settings, outcome);
    expect(text).toMatch(/^UI {7}http:\/\/localhost:8500\/ui\/dc1\/services$/m);
    expect(text).toMatch(/Nothing changed, in 17 s\.$/);
    for (const more of [{ changed: 2 }, { repairs: ["consul-ui: restarted"] }, { wrong: [dead] }])
      expect(renderUp(settings, { ...outcome, ...more })).not.toContain("Nothing changed");
  });
  test("that nobody is told of what fails, until something is there that tells", () => {
    expect(renderUp(settings, outcome)).toContain("`monitoring: on` brings Prometheus and Alertmanager");
    const on = { ...settings, monitoring: true };
    expect(renderUp(on, outcome)).toContain("the monitor alone is told");
    expect(renderUp({ ...on, receivers: "receivers.yaml" }, outcome)).not.toContain("Alerts");
  });
  test("what it repaired and what changed", () => {
    const text = renderUp(settings, { ...outcome, changed: 2, repairs: ["consul-ui: restarted"] });
    expect(text).toMatch(/Repaired consul-ui: restarted\n1 repaired, 2 of 9 stacks changed, in 17 s\.$/);
  });
  test("what is wrong all the same, each with its remedy, and then that no stack changed", () => {
    const text = renderUp(settings, { ...outcome, wrong: [dead] });
    expect(text).toMatch(
      /^wrong {2}the gateway: it does not answer\n {7}`npx rollcall up` puts it back\.\n1 thing is wrong\./,
    );
    expect(text).toMatch(/No stack changed, in 17 s\.$/);
  });
});

describe("what is wrong when everything was applied", () => {
  const said: string[] = [];
  const report = (line: string) => said.push(line);
  const passing = { ...dead, mayPass: true };

  test("is waited for where it may pass", async () => {
    const seen = [[passing], [passing], []];
    expect(await untilNothing(async () => seen.shift() ?? [], 60, report)).toEqual([]);
    expect(said).toEqual(["waiting for: the gateway: it does not answer"]);
  });
  test("is told at once where it stays, and after so many seconds where it does not pass", async () => {
    expect(await untilNothing(async () => [passing, dead], 60, report)).toEqual([passing, dead]);
    expect(await untilNothing(async () => [passing], 0, report)).toEqual([passing]);
  });
});
