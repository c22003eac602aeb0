import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The command of docs/production.md that tells of certificates near their end, fed with what `status` would say. */
function alarm(said: string): { readonly status: number | null; readonly stdout: string } {
  const text = readFileSync("docs/production.md", "utf8");
  const [, script = "exit 9"] = /^```sh\nnpx rollcall status --json \| (node [\s\S]+?)^```$/m.exec(text) ?? [];
  const { status, stdout } = spawnSync("sh", ["-c", script], { input: said, encoding: "utf8" });
  return { status, stdout };
}

test("the alarm of docs/production.md names each certificate with less than 30 days left, and is quiet otherwise", () => {
  const certificates = [
    { name: "ca", daysLeft: 3000 },
    { name: "agent", daysLeft: 30 },
  ];
  expect(alarm(JSON.stringify({ certificates }))).toEqual({ status: 0, stdout: "" });
  const soon = [...certificates, { name: "gateway", daysLeft: 29 }];
  expect(alarm(JSON.stringify({ certificates: soon }))).toEqual({ status: 1, stdout: "gateway ends in 29 days\n" });
});

test("it alarms where nothing is known, and where there is no answer", () => {
  expect(alarm(JSON.stringify({ certificates: [] })).status).toBe(1);
  expect(alarm("").status).toBe(1);
});
