import { CommandFailed } from "../../../lib/process.js";
import { Alertmanager } from "../../../ops/alertmanager/alertmanager.js";
import { whileSilenced } from "../../../ops/alertmanager/while-silenced.js";

const on = { monitoring: true, prefix: "" };
const off = { monitoring: false, prefix: "" };

const standing = ["s1", "s2"].map((id) => ({
  ...{ id, comment: "", createdBy: "", endsAt: "", status: { state: "active" }, matchers: [] },
}));

/** An Alertmanager that notes what it is asked for; `fails` says which words it does not answer. */
function alertmanager(fails: (words: readonly string[]) => boolean = () => false) {
  const asked: string[] = [];
  let last = 0;
  const run = async (_: string, args: readonly string[]) => {
    if (args.includes("wget")) return { stdout: JSON.stringify(standing), stderr: "" };
    const words = args.slice(args.indexOf("silence"));
    asked.push(words.filter((word) => !/^(silence|--(author|comment)=.*)$/.test(word)).join(" "));
    if (fails(words)) throw new CommandFailed("docker exec", "exit", 1, ["No such container"]);
    last += 1;
    return { stdout: `s${last}\n`, stderr: "" };
  };
  return { asked, api: new Alertmanager("", run) };
}

test("while a verb replaces parts of the platform, their alerts are silenced, for a minute more, and then no longer", async () => {
  const { asked, api } = alertmanager();
  const done = await whileSilenced(on, "up", async () => asked.push("work"), api);
  expect(done).toBe(2);
  expect(asked).toEqual([
    'add --duration=1800s scope=~"platform|cluster" alertname!~"Watchdog|ManyServicesDown"',
    "work",
    'add --duration=60s scope=~"platform|cluster" alertname!~"Watchdog|ManyServicesDown"',
    "expire s1",
  ]);
});

test("the silence ends where the verb fails, too", async () => {
  const { asked, api } = alertmanager();
  const failing = () => Promise.reject(new Error("terraform failed"));
  await expect(whileSilenced(on, "up", failing, api)).rejects.toThrow("terraform failed");
  expect(asked.at(-1)).toBe("expire s1");
});

test("a silence that is not there is named, and where to look", async () => {
  const { asked, api } = alertmanager();
  await expect(api.end("s9")).rejects.toThrow("There is no silence s9");
  expect(asked).toEqual([]);
});

test("without Alertmanager, and while it does not answer, the work is done", async () => {
  const silent = alertmanager();
  expect(await whileSilenced(off, "up", async () => "done", silent.api)).toBe("done");
  expect(silent.asked).toEqual([]);
  const away = alertmanager(() => true);
  expect(await whileSilenced(on, "up", async () => "done", away.api)).toBe("done");
  const later = alertmanager((words) => words.includes("expire"));
  expect(await whileSilenced(on, "up", async () => "done", later.api)).toBe("done");
});
