import type { Finding } from "../../../../ops/report/compare.js";
import { auditJson } from "../../../../ops/report/json/audit-json.js";
import { backupsJson } from "../../../../ops/report/json/backups-json.js";
import { doctorJson, verdictOf } from "../../../../ops/report/json/doctor-json.js";
import { verifyJson } from "../../../../ops/report/json/verify-json.js";

const passing: Finding = { name: "billing_service", team: "user-platform", standing: "passing", why: "" };
const critical: Finding = { ...passing, name: "order_service", standing: "critical", why: "connection refused" };
const extra: Finding = { name: "stranger", team: "", standing: "extra", why: "no catalog file declares it" };
const damaged = { what: "the state of the stack access is cut off", remedy: "Restore it." };
const expiring = { what: "a certificate ends in 20 days", remedy: "`npx rollcall up`", isNote: true };

test("verify: all that is declared passes", () => {
  expect(verifyJson({ findings: [passing], refusals: [] }, true, [])).toEqual({
    ...{ healthy: true, declared: 1, passing: 1, services: [passing], refused: [], troubles: [] },
  });
});

test("verify: what nobody declared is told and not counted as declared; a refused value and a damaged state are told", () => {
  const refusals = [{ key: "catalog/a/b", reason: "no port" }];
  expect(verifyJson({ findings: [passing, critical, extra], refusals }, false, [damaged])).toEqual({
    ...{ healthy: false, declared: 2, passing: 1 },
    ...{ services: [passing, critical, extra], refused: refusals, troubles: [damaged] },
  });
});

test("verify: a platform that passes with a damaged state is not healthy", () => {
  expect(verifyJson({ findings: [passing], refusals: [] }, true, [damaged])).toMatchObject({ healthy: false });
});

test("doctor: a note leaves it healthy, something wrong does not", () => {
  const looks = [
    { name: "Docker", summary: "20.10.24", problems: [] },
    { name: "Disk", summary: "9 % free", problems: [expiring] },
  ];
  expect(doctorJson(looks, [expiring])).toEqual({
    healthy: true,
    looks: [
      { name: "Docker", verdict: "ok", summary: "20.10.24", troubles: [] },
      { name: "Disk", verdict: "note", summary: "9 % free", troubles: [expiring] },
    ],
    troubles: [expiring],
  });
  expect(doctorJson(looks, [expiring, damaged])).toMatchObject({ healthy: false });
});

test("doctor: a look ends as ok, note, wrong or skipped", () => {
  const look = { summary: "" };
  expect(verdictOf({ ...look, problems: [] })).toBe("ok");
  expect(verdictOf({ ...look, problems: [expiring] })).toBe("note");
  expect(verdictOf({ ...look, problems: [expiring, damaged] })).toBe("wrong");
  expect(verdictOf({ ...look, problems: [], isLeftOut: true })).toBe("skipped");
});

test("backup --list: both kinds in one list, the newest first; times are UTC", () => {
  const at = (day: number) => new Date(Date.UTC(2026, 10, day, 2, 11));
  const inFolder = [{ file: "/backups/b-2.age", time: at(2), size: 2048 }];
  const scheduled = [3, 1].map((day) => ({ file: `b-${day}.age`, time: at(day), size: 1024 }));
  expect(backupsJson("/backups", inFolder, scheduled)).toEqual({
    folder: "/backups",
    backups: [
      { kind: "scheduled", file: "b-3.age", time: "2026-11-03T02:11:00.000Z", bytes: 1024 },
      { kind: "folder", file: "/backups/b-2.age", time: "2026-11-02T02:11:00.000Z", bytes: 2048 },
      { kind: "scheduled", file: "b-1.age", time: "2026-11-01T02:11:00.000Z", bytes: 1024 },
    ],
  });
});

test("backup --list: where there is none, the list is empty", () => {
  expect(backupsJson("/backups", [], [])).toEqual({ folder: "/backups", backups: [] });
});

test("catalog audit: each fault with the command that repairs it; without one it is healthy", () => {
  const fault = { service: "billing_service", what: "tags differ", mend: "npx rollcall up" };
  expect(auditJson([fault], 40)).toEqual({
    ...{ healthy: false, declared: 40 },
    faults: [{ service: "billing_service", what: "tags differ", command: "npx rollcall up" }],
  });
  expect(auditJson([], 40)).toEqual({ healthy: true, declared: 40, faults: [] });
});
