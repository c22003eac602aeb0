import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { History } from "../../../../programs/monitor/history.js";
import { BLIND_AFTER_MS, Monitor } from "../../../../programs/monitor/monitor.js";
import type { View } from "../../../../programs/monitor/states.js";
import { check, seenWith, serf, view, WELL } from "../../../support/monitor-fixtures.js";

let folder: string;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-monitor-"));
  now = Date.parse("2026-12-15T10:00:00Z");
});
afterEach(() => rmSync(folder, { recursive: true }));

const well = view(WELL);
const down = view(seenWith([serf(), check("audit", "passing"), check("billing", "critical")]));

function monitor(): Monitor {
  return new Monitor(
    folder,
    new History(folder),
    () => {},
    () => now,
  );
}
function saw(one: Monitor, what: View, lastContact = 0): void {
  one.saw(what, { at: now, lastContact, isNew: false });
}

/** The history in short: `event`, or `id from>to` of instances. */
function told(after = 0): readonly string[] {
  const page = new History(folder).after(after, 1000);
  if (!("lines" in page)) throw new Error("too late");
  return page.lines
    .map((line) => JSON.parse(line))
    .filter((line) => (line.check !== undefined ? line.check === null : true))
    .map((line) => line.event ?? `${line.id} ${line.from}>${line.to}`);
}

test("the first view is the beginning, later ones are told by what changed, and counted", () => {
  const one = monitor();
  saw(one, well);
  saw(one, down);
  saw(one, down);
  saw(one, well);
  expect(told()).toEqual([
    "monitor-started",
    "audit null>passing",
    "billing null>passing",
    "billing passing>critical",
    "billing critical>passing",
  ]);
  expect([...one.known().changes]).toEqual([["billing", 2]]);
  expect(one.fault).toBeUndefined();
});

test("since when a service cannot be found stays the same while Consul drops it and it is put back", () => {
  const missing = view(seenWith([serf(), check("audit", "passing")], ["audit"]));
  const one = monitor();
  saw(one, well);
  const since = () => one.known().notFound.get("billing");
  expect(since()).toBeUndefined();
  now += 5000;
  const begun = now / 1000;
  for (const each of [down, missing, down]) {
    saw(one, each);
    now += 60_000;
    expect(since()).toBe(begun);
  }
  saw(one, well);
  expect(one.known().notFound.size).toBe(0);
});

test("since when a service cannot be found is not known where it was so at the start", () => {
  const one = monitor();
  saw(one, down);
  expect([...one.known().notFound]).toEqual([["billing", undefined]]);
});

test("a monitor that was killed tells once what changed meanwhile, and nothing twice", () => {
  saw(monitor(), well);
  saw(monitor(), well);
  expect(told()).toEqual(["monitor-started", "audit null>passing", "billing null>passing", "monitor-started"]);
  saw(monitor(), down);
  expect(told(6)).toEqual(["monitor-started", "billing passing>critical"]);
});

test("whoever knows nothing new for 20 s is blind, says so once, and sees again", () => {
  const one = monitor();
  saw(one, well);
  one.failed("no answer", false);
  now += BLIND_AFTER_MS;
  one.look();
  expect(one.known()).toMatchObject({ isReachable: false, isBlind: false });
  now += 1;
  one.look();
  one.look();
  expect(one.known()).toMatchObject({ isReachable: false, isBlind: true, dataAgeSeconds: 20.001 });
  expect([one.fault, one.blindness]).toEqual([undefined, "blind: no answer"]);
  now += 60_000;
  saw(one, down);
  expect(one.known()).toMatchObject({ isReachable: true, isBlind: false });
  expect(told(5)).toEqual(["blind-from", "blind-to", "billing passing>critical"]);
});

test("servers that hear of no leader answer, but what they say grows old", () => {
  const one = monitor();
  saw(one, well);
  now += 30_000;
  saw(one, down, 30);
  expect(one.known()).toMatchObject({ isReachable: true, isBlind: true });
  expect([one.fault, one.blindness]).toEqual([undefined, "blind: consul has no leader"]);
  expect(told(5)).toEqual(["blind-from"]);
});

test("whoever is refused is ill, until it is answered again", () => {
  const one = monitor();
  saw(one, well);
  one.failed("kv: 403 (Permission denied)", true);
  expect(one.fault).toBe("consul: kv: 403 (Permission denied)");
  saw(one, well);
  expect(one.fault).toBeUndefined();
});

test("before anything was seen it is blind, not well, and knows what an earlier run knew", () => {
  expect(monitor().known()).toMatchObject({ isReachable: false, isBlind: true });
  saw(monitor(), well);
  const again = monitor();
  expect([...again.known().baseline.keys()]).toEqual(["audit", "billing"]);
  expect(again.fault).toBe("consul: has not been answered yet");
});

test("a change that the disk does not take is told when it does", () => {
  const one = monitor();
  saw(one, well);
  const file = join(folder, "2026-12.000000000001.jsonl");
  rmSync(file);
  mkdirSync(file);
  saw(one, down);
  expect(one.fault).toMatch(/^the history cannot be written: .*EISDIR/);
  expect(one.known().view).toBe(well);
  rmSync(file, { recursive: true });
  saw(one, down);
  expect(one.fault).toBeUndefined();
  expect([...one.known().changes]).toEqual([["billing", 1]]);
});
