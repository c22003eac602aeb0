import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/user-error.js";
import { keyOf } from "./cache.js";
import { type Context, timed } from "./context.js";
import { attempt } from "./failures.js";

export interface GoBuild {
  /** For the person: what is made. */
  readonly what: string;
  readonly aboutSeconds: number;
  /** The module to build in. */
  readonly folder: string;
  /** The packages to build, `tool` for what the module's `tool` lines name. */
  readonly packages: readonly string[];
  /** A folder that exists: each program gets its own name in it. */
  readonly into: string;
  readonly flags?: readonly string[];
  /** @default linux, as containers are */
  readonly os?: string;
}

const NO_GO =
  "Install Go 1.25 or newer and run it again: it is needed where neither images nor providers can be downloaded.";

/** Compiles Go programs. Go keeps what is done: a build that was ended goes on where it stopped. */
export async function goBuild(context: Context, build: GoBuild): Promise<void> {
  const env = {
    ...context.env,
    CGO_ENABLED: "0",
    GOOS: build.os ?? "linux",
    // A workspace above the repository is not ours.
    GOWORK: "off",
  };
  const args = ["build", ...(build.flags ?? []), "-ldflags", "-s -w", "-o", `${build.into}/`, ...build.packages];
  await timed(context, `${build.what}: compiling`, build.aboutSeconds, (note) => {
    let downloads = 0;
    const onLine = (line: string) => {
      if (line.startsWith("go: downloading")) note(`${++downloads} modules downloaded`);
    };
    return attempt(build.what, () => context.run("go", args, { cwd: build.folder, env, onLine }), NO_GO);
  });
}

/** Refuses early, before anything long has begun, where there is no Go. */
export async function requireGo(context: Context): Promise<void> {
  const { stdout } = await attempt("building without a registry", () => context.run("go", ["version"]), NO_GO);
  const [, minor] = /go1\.(\d+)/.exec(stdout) ?? [];
  // From 1.21 on Go fetches the newer toolchain that a module asks for.
  if (minor !== undefined && Number(minor) < 21) throw new UserError(`${stdout.trim()} is too old`, NO_GO);
}

/** All of a module that a build depends on, each file's name and text: its versions and its source. */
export function moduleFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(\.go|(^|\/)go\.(mod|sum))$/.test(name) && !name.endsWith("_test.go"))
    .sort()
    .flatMap((name) => [name, readFileSync(join(folder, name), "utf8")]);
}

/** A key for what a module gives on this machine: another source, another key. */
export function moduleKey(folder: string): string {
  return keyOf(...moduleFiles(folder), process.arch);
}
