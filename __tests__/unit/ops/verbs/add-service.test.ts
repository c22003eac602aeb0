import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { NewService } from "../../../../lib/catalog/new-service.js";
import { readCatalog } from "../../../../lib/catalog/read-catalog.js";
import { UserError } from "../../../../lib/user-error.js";
import { addService, renderAdded } from "../../../../ops/verbs/add-service.js";
import { inFolder, team } from "../../../support/catalog-helpers.js";

const FILES = {
  "a.yaml": team("team-a", ["# the first", "billing_service: { port: 8216 }"]),
  "b.yaml": team("team-b", ["nightly: { port: 8300, address: batch.example.com }"]),
};
const orders: NewService = { name: "orders_service", team: "team-a", port: 8230 };

/** All files of a folder and what they say. */
function contentOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** The line that is added to a.yaml. */
function lineFor(wanted: Partial<NewService>): string {
  return inFolder(FILES, (folder) => addService({ ...orders, ...wanted }, folder, folder).added);
}

/** What is told, without the folder's name; also that nothing was written. */
function refusal(wanted: Partial<NewService>, files: Readonly<Record<string, string>> = FILES): readonly string[] {
  return inFolder(files, (folder) => {
    try {
      addService({ ...orders, ...wanted }, folder, folder);
      return ["nothing was refused"];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      expect(contentOf(folder)).toEqual(files);
      return [...error.message.replaceAll(`${folder}/`, "").split("\n"), error.remedy];
    }
  });
}

test("a service is written behind the last one of its team, and nothing else changes", () => {
  inFolder(FILES, (folder) => {
    const added = addService(orders, folder, folder);
    expect(added).toEqual({
      name: "orders_service",
      team: "team-a",
      file: join(folder, "a.yaml"),
      line: 8,
      added: "  orders_service: { port: 8230 }",
      isNewFile: false,
    });
    expect(contentOf(folder)).toEqual({ ...FILES, "a.yaml": `${FILES["a.yaml"]}  orders_service: { port: 8230 }\n` });
    expect(renderAdded(added).split("\n")).toEqual([
      `Added to ${folder}/a.yaml:8:`,
      "    orders_service: { port: 8230 }",
      "`npx rollcall diff` shows what `npx rollcall up` would change.",
    ]);
  });
});

test.each<readonly [Partial<NewService>, string]>([
  [
    { address: "orders.example.com", region: "eu-1", tags: ["v2", "1.0"], meta: { owner: "ann", version: "2" } },
    '{ port: 8230, address: orders.example.com, region: eu-1, tags: [v2, "1.0"], meta: { owner: ann, version: "2" } }',
  ],
  [{ path: "/ready" }, "{ port: 8230, check: { path: /ready } }"],
  [{ check: "http" }, "{ port: 8230 }"],
  [{ check: "http", path: "/health", timeout: "2s" }, "{ port: 8230, check: { timeout: 2s } }"],
  [{ check: "tcp" }, "{ port: 8230, check: { kind: tcp, interval: 10s, timeout: 5s } }"],
  [{ check: "grpc", interval: "30s" }, "{ port: 8230, check: { kind: grpc, interval: 30s, timeout: 5s } }"],
  [
    { check: "postgres", user: "app" },
    "{ port: 8230, check: { kind: postgres, user: app, interval: 10s, timeout: 5s } }",
  ],
  [{ check: "ttl", ttl: "30s" }, "{ port: 8230, check: { kind: ttl, ttl: 30s } }"],
  [{ check: "none", reason: "runs at night" }, "{ port: 8230, check: { kind: none, reason: runs at night } }"],
  [{ port: undefined, dynamic: true }, "{ dynamic: true }"],
  [{ tags: [], meta: {} }, "{ port: 8230 }"],
])("%j is written as %s", (wanted, line) => {
  expect(lineFor(wanted)).toBe(`  orders_service: ${line}`);
});

const WOULD = "Nothing was written, because the catalog would have a mistake with the new service:";
const AGAIN = "Correct the options and run this again.";

test.each<readonly [string, Partial<NewService>, readonly string[]]>([
  [
    "a taken port",
    { port: 8300, address: "batch.example.com" },
    [
      WOULD,
      "  a.yaml:8: orders_service: { port: 8300, address: batch.example.com }",
      "a.yaml:8:3: orders_service has the address batch.example.com:8300, which is taken at b.yaml:6; give one of them another port or address",
      "b.yaml:6:3: nightly has the address batch.example.com:8300, which is taken at a.yaml:8; give one of them another port or address",
      AGAIN,
    ],
  ],
  [
    "a name that another team has",
    { name: "nightly" },
    [
      WOULD,
      "  a.yaml:8: nightly: { port: 8230 }",
      "a.yaml:8:3: nightly is declared again, at b.yaml:6; remove or rename one of them",
      "b.yaml:6:3: nightly is declared already, at a.yaml:8; remove or rename one of them",
      AGAIN,
    ],
  ],
  [
    "a name that the team has",
    { name: "billing_service" },
    [
      WOULD,
      "  a.yaml:8: billing_service: { port: 8230 }",
      "a.yaml:8:3: billing_service is given twice, first on line 7; remove or rename one of them",
      AGAIN,
    ],
  ],
  [
    "a bad name",
    { name: "Orders: 1" },
    [
      WOULD,
      '  a.yaml:8: "Orders: 1": { port: 8230 }',
      'a.yaml:8:3: "Orders: 1" is not allowed as a name; write a service name of a-z, 0-9, _ and - that begins with a letter, at most 63 long, and not consul',
      AGAIN,
    ],
  ],
  [
    "no port",
    { port: undefined },
    [
      WOULD,
      "  a.yaml:8: orders_service: {}",
      "a.yaml:8:3: orders_service.port is missing; write a whole number from 1 to 65535",
      AGAIN,
    ],
  ],
  [
    "a port that is none",
    { port: 70000 },
    [
      WOULD,
      "  a.yaml:8: orders_service: { port: 70000 }",
      "a.yaml:8:27: orders_service.port is 70000; write a whole number from 1 to 65535",
      AGAIN,
    ],
  ],
  [
    "an address that only the asker has",
    { address: "localhost" },
    [
      WOULD,
      "  a.yaml:8: orders_service: { port: 8230, address: localhost }",
      'a.yaml:8:42: orders_service.address is "localhost", which means whoever asks: the agent would check itself; write the host name or address at which others reach the service',
      AGAIN,
    ],
  ],
  [
    "a team that is mistyped",
    { team: "taem-a" },
    ['The catalog has no team "taem-a"', "Did you mean team-a? `--new-team` makes a file for a new team."],
  ],
  [
    "an unknown team",
    { team: "zzzzzzzzz" },
    ['The catalog has no team "zzzzzzzzz"', "Its teams are team-a, team-b. `--new-team` makes a file for a new team."],
  ],
  [
    "a new team's service without an address and a check",
    { team: "payments", newTeam: true },
    [
      WOULD,
      "  payments.yaml:3: orders_service: { port: 8230 }",
      'payments.yaml:3:3: orders_service has no check and neither has its team; add check to it or to defaults; to go without, write check: { kind: none, reason: "why" }',
      "payments.yaml:3:3: orders_service has no address and neither has its team; add address to it or to defaults, such as isa-{name}",
      AGAIN,
    ],
  ],
  [
    "a new team with a bad name",
    { team: "../Pay", newTeam: true, address: "orders.example.com", check: "tcp" },
    ['team is "../Pay"', "Write a name of a-z, 0-9 and - that begins with a letter, at most 63 long."],
  ],
])("%s is refused, and nothing is written", (_, wanted, told) => {
  expect(refusal(wanted)).toEqual(told);
});

test("mistakes that the catalog has already are told as those", () => {
  const broken = { ...FILES, "b.yaml": FILES["b.yaml"].replace("port: 8300", "prot: 8300") };
  const told = [
    "The catalog has mistakes already, so nothing was added:",
    "b.yaml:6:3: nightly.port is missing; write a whole number from 1 to 65535",
    "b.yaml:6:14: nightly.prot is not a field; did you mean port?",
    "Correct them first. docs/catalog.md describes every field of the catalog.",
  ];
  expect(refusal({}, broken)).toEqual(told);
  expect(refusal({ team: "unknown" }, broken)).toEqual(told);
  expect(refusal({}, { ...FILES, "a.yaml": "team: [\n" })[0]).toBe(told[0]);
});

test("a layout that would have to be changed is left to an editor", () => {
  const explicit = FILES["a.yaml"].replace("billing_service:", "? billing_service\n  :");
  expect(refusal({}, { ...FILES, "a.yaml": explicit })).toEqual([
    "a.yaml is laid out in a way to which a service cannot be added without changing other lines",
    "Add the service to the file in your editor. docs/catalog.md describes every field.",
  ]);
});

test("a new team gets a file that editors check by the schema", () => {
  inFolder({ ...FILES, "catalog.schema.json": "{}" }, (folder) => {
    const wanted = { ...orders, team: "payments", newTeam: true, address: "pay.example.com", check: "tcp" } as const;
    const { file, line, isNewFile } = addService(wanted, folder, folder);
    expect({ file, line, isNewFile }).toEqual({ file: join(folder, "payments.yaml"), line: 4, isNewFile: true });
    expect(readFileSync(file, "utf8").split("\n")).toEqual([
      "# yaml-language-server: $schema=./catalog.schema.json",
      "team: payments",
      "services:",
      "  orders_service: { port: 8230, address: pay.example.com, check: { kind: tcp, interval: 10s, timeout: 5s } }",
      "",
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readCatalog(folder).services.map(({ name }) => name)).toContain("orders_service");
  });
});

test("a new team is refused where its file's name is taken", () => {
  expect(refusal({ team: "b", newTeam: true })).toEqual([
    "b.yaml is there already, and is not the file of the team b",
    "Rename that file.",
  ]);
});

test("a file that has no service yet gets its first", () => {
  inFolder({ "b.yaml": FILES["b.yaml"], "a.yaml": team("team-a", []) }, (folder) => {
    expect(addService(orders, folder, folder).line).toBe(6);
    expect(readCatalog(folder).services.map(({ name }) => name)).toContain("orders_service");
  });
});

test("a byte order mark, the mode and a link stay, and no draft is left", () => {
  inFolder({ "b.yaml": FILES["b.yaml"] }, (folder) => {
    inFolder({ "team-a.yaml": `\ufeff${FILES["a.yaml"]}` }, (elsewhere) => {
      const real = join(elsewhere, "team-a.yaml");
      chmodSync(real, 0o660);
      symlinkSync(real, join(folder, "a.yaml"));
      addService(orders, folder, folder);
      expect(readFileSync(real, "utf8")).toBe(`\ufeff${FILES["a.yaml"]}  orders_service: { port: 8230 }\n`);
      expect(statSync(real).mode & 0o777).toBe(0o660);
      expect([...readdirSync(folder), ...readdirSync(elsewhere)]).toEqual(["a.yaml", "b.yaml", "team-a.yaml"]);
    });
  });
});

test("a catalog folder that is not there is told as such", () => {
  inFolder(FILES, (folder) => {
    mkdirSync(join(folder, "below"));
    expect(() => addService(orders, join(folder, "none"))).toThrow("the catalog folder cannot be read (ENOENT)");
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
