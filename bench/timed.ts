import { type Env, run } from "../lib/process.js";
import { interruption } from "../ops/cli/interrupt.js";
import { report } from "../ops/cli/progress.js";

/** The seconds that a command takes, told as it begins. @param mustPass whether any exit code but 0 is a mistake */
export async function timed(
  [program = "", ...args]: readonly string[],
  cwd: string,
  env: Env,
  mustPass = true,
): Promise<number> {
  report(`${program} ${args.join(" ")}`);
  const begun = Date.now();
  const ended = run(program, args, { cwd, env, signal: interruption });
  await (mustPass ? ended : ended.catch(() => {}));
  return (Date.now() - begun) / 1000;
}

/** What `npx rollcall env` prints, as an environment. */
export async function exportsOf(cwd: string, env: Env): Promise<Env> {
  const { stdout } = await run(process.execPath, ["ops/run.mjs", "env"], { cwd, env });
  return Object.fromEntries(
    stdout.split("\n").flatMap((line) => {
      const match = /^export (\w+)='?(.*?)'?$/.exec(line);
      return match === null ? [] : [[match[1], match[2]]];
    }),
  );
}
