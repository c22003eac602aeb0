import { type Look, unless, waitUntil } from "../../../lib/wait-until.js";

/** Looks that tell these reasons one after the other, and then "" for ever. */
function reasons(...all: readonly string[]) {
  const left = [...all];
  const look = jest.fn(async (): Promise<Look<void>> => unless(left.shift() ?? ""));
  return { look, pauseMs: 1 };
}

test("what was found is given, without a further look", async () => {
  const look = jest.fn(async () => ({ found: 3 }));
  expect(await waitUntil({ look, seconds: 0 })).toBe(3);
  expect(look).toHaveBeenCalledTimes(1);
});

test("it looks until nothing is missing any more", async () => {
  const wait = reasons("a leader", "a leader");
  await waitUntil({ ...wait, seconds: 60 });
  expect(wait.look).toHaveBeenCalledTimes(3);
});

test("after the seconds, or so many looks, whoever waits decides about what is missing then", async () => {
  const late = (why: string) => {
    throw new Error(`no ${why}`);
  };
  await expect(waitUntil({ ...reasons("a", "b"), seconds: 0, late })).rejects.toThrow("no a");
  await expect(waitUntil({ ...reasons("a", "b", "c"), looks: 2, late })).rejects.toThrow("no b");
  const begun = Date.now();
  const ever = { look: async () => ({ missing: "a" }), pauseMs: 5, seconds: 0.1 };
  expect(await waitUntil<string>({ ...ever, late: (why) => `without ${why}` })).toBe("without a");
  expect(Date.now() - begun).toBeGreaterThanOrEqual(100);
  await expect(waitUntil({ ...reasons("a", "b"), looks: 1 })).rejects.toThrow("waited in vain for a");
});

test("a line of progress is said where it is another one, and none of a look that found it", async () => {
  const said: string[] = [];
  const missing = ["a", "a", "", "b", "a"];
  const look = async (): Promise<Look<string>> => {
    const why = missing.shift();
    return why === undefined ? { found: "all" } : { missing: why };
  };
  const progress = (why: string, seconds: number) => (why === "" || seconds > 60 ? "" : `waiting for ${why}`);
  expect(await waitUntil({ look, pauseMs: 1, progress, report: (line) => said.push(line) })).toBe("all");
  expect(said).toEqual(["waiting for a", "waiting for b", "waiting for a"]);
});

test("the same line is said again where that is asked for", async () => {
  const said: string[] = [];
  const wait = { ...reasons("a", "a", "a"), pauseMs: 30, progress: (why: string) => why };
  await waitUntil({ ...wait, sayAgainSeconds: 0.001, report: (line) => said.push(line) });
  expect(said).toEqual(["a", "a", "a"]);
});

test("what the look throws, and an interruption before the next one, end the wait", async () => {
  const look = async () => {
    throw new TypeError("ours");
  };
  await expect(waitUntil({ look })).rejects.toThrow(TypeError);
  const wait = reasons("a", "a", "a");
  const interrupt = () => {
    if (wait.look.mock.calls.length === 2) throw new Error("interrupted");
  };
  await expect(waitUntil({ ...wait, interrupt })).rejects.toThrow("interrupted");
  expect(wait.look).toHaveBeenCalledTimes(2);
});
