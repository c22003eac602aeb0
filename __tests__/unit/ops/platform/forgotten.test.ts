import { resolve } from "node:path";
import { KEPT_VARIABLES } from "../../../../lib/settings/table.js";
import { forgottenOf, refuseForgotten } from "../../../../ops/platform/forgotten.js";

const SCHEDULED = { ROLLCALL_BACKUP_EVERY: "6h", ROLLCALL_BACKUP_RECIPIENT: "age1x", ROLLCALL_BACKUP_KEEP: "7" };

/** A value that is no variable's default. */
const OTHER = "other";

/** What is told of a run that has these variables, after an `up` that had those. */
function namesOf(recorded: Readonly<Record<string, string>>, given: Readonly<Record<string, string>> = {}) {
  return forgottenOf(recorded, given).map(({ name }) => name);
}

function refusalOf(
  recorded: Readonly<Record<string, string>>,
  file?: string,
): { readonly message: string; readonly remedy: string } {
  try {
    refuseForgotten({ settings: recorded, containers: [] }, { variables: {}, file });
  } catch (error) {
    return error as { message: string; remedy: string };
  }
  throw new Error("nothing was refused");
}

describe.each(Object.entries(KEPT_VARIABLES).filter(([name]) => !/BACKUP_(RECIPIENT|KEEP)$/.test(name)))(
  "%s, which the last up had",
  (name, means) => {
    test("is told where it is missing and its default differs", () => {
      expect(forgottenOf({ [name]: OTHER }, {})).toEqual([{ name, was: OTHER, means }]);
    });

    test("passes where it is set to the same, to another value or to its default", () => {
      for (const value of [OTHER, "third", means]) expect(namesOf({ [name]: OTHER }, { [name]: value })).toEqual([]);
    });

    test("may be missing where it was its default", () => {
      expect(namesOf({ [name]: means })).toEqual([]);
    });
  },
);

test("a variable that the last up did not have is nobody's loss", () => {
  expect(namesOf({}, { ROLLCALL_NETWORKS: "one" })).toEqual([]);
  expect(() => refuseForgotten(undefined, { variables: {} })).not.toThrow();
});

test("whom scheduled backups are encrypted to, and how many stay, counts only while they are made", () => {
  expect(namesOf(SCHEDULED)).toEqual(Object.keys(SCHEDULED));
  expect(namesOf(SCHEDULED, { ROLLCALL_BACKUP_EVERY: "12h" })).toEqual([
    "ROLLCALL_BACKUP_RECIPIENT",
    "ROLLCALL_BACKUP_KEEP",
  ]);
  expect(namesOf(SCHEDULED, { ROLLCALL_BACKUP_EVERY: "off" })).toEqual([]);
  const { ROLLCALL_BACKUP_EVERY: _, ...byHand } = SCHEDULED;
  expect(namesOf(byHand)).toEqual([]);
});

test("the default catalog folder is the same one, however it was written", () => {
  expect(namesOf({ ROLLCALL_CATALOG: "./service-catalog/" })).toEqual([]);
  expect(namesOf({ ROLLCALL_CATALOG: resolve("service-catalog") })).toEqual([]);
  expect(namesOf({ ROLLCALL_CATALOG: "service-catalog/examples/ish-chat" })).toEqual(["ROLLCALL_CATALOG"]);
});

test("the refusal tells each missing variable with what it was, the line that sets it, and how to give one up", () => {
  expect(
    refusalOf({ ROLLCALL_NETWORKS: "one,two", ROLLCALL_CATALOG: "/srv/it's", ROLLCALL_SERVERS: "3" }),
  ).toMatchObject({
    message: [
      "Settings of the last `up` are missing:",
      "  ROLLCALL_CATALOG was /srv/it's, and is not set, which means service-catalog",
      "  ROLLCALL_NETWORKS was one,two, and is not set, which means none",
    ].join("\n"),
    remedy: [
      "To keep them, set them again:",
      "  export ROLLCALL_CATALOG='/srv/it'\\''s'",
      "  export ROLLCALL_NETWORKS='one,two'",
      "Or have `npx rollcall settings --write` write them into rollcall.yaml.",
      "If you mean to give one up, say so: export ROLLCALL_CATALOG=service-catalog",
    ].join("\n"),
  });
});

test("with a settings file, the refusal gives the lines that keep them in it, and those that give one up", () => {
  expect(refusalOf({ ROLLCALL_NETWORKS: "one,two", ROLLCALL_SERVERS: "5" }, "staging.yaml").remedy).toBe(
    [
      "To keep them, add them to staging.yaml:",
      "  consul:",
      "    servers: 5",
      "  services:",
      "    networks: [ one, two ]",
      "If you mean to give one up, write its default there:",
      "  consul:",
      "    servers: 3",
    ].join("\n"),
  );
});
