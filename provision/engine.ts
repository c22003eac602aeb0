import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { dockerNotPermitted, startDocker } from "../lib/no-docker.js";
import { CommandFailed } from "../lib/process.js";
import { outsideVariable } from "../lib/settings.js";
import { UserError } from "../lib/user-error.js";
import { waitUntil } from "../lib/wait-until.js";
import type { Context } from "./context.js";
import { aptInstall, type System } from "./debian.js";
import { attempt, lastWord } from "./failures.js";

/** Whether an engine that is missing may be installed and started. */
export type EngineSetting = "auto" | "never";

const START_SECONDS = 60;

/**
 * Sees to it that Docker answers. Where it does not and this is Debian or Ubuntu, run as root, the engine is
 * installed and started, saying so; everywhere else the person is told what to do.
 */
export async function ensureEngine(context: Context, system: System, setting: EngineSetting = "auto"): Promise<void> {
  let state = await askEngine(context);
  if (state.kind === "running") return;
  if (state.kind === "forbidden") throw dockerNotPermitted();
  await requireOurs(context, system, setting, state);
  if (!(await hasProgram(context, "dockerd"))) await aptInstall(context, "docker.io");
  // Newer releases have the command line in a package of its own.
  if (!(await hasProgram(context, "docker"))) await aptInstall(context, "docker-cli");
  state = await askEngine(context);
  if (state.kind === "running") return;
  await (system.services ? startService(context) : startByHand(context));
}

type EngineState =
  | { readonly kind: "running" | "forbidden" | "no-client" }
  | { readonly kind: "stopped"; readonly said: string };

async function askEngine(context: Context): Promise<EngineState> {
  try {
    const { stdout } = await context.run("docker", ["version", "--format", "{{.Server.Version}}"], {
      timeoutSeconds: 30,
    });
    return stdout.trim() === "" ? { kind: "stopped", said: "" } : { kind: "running" };
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.reason === "aborted") throw error;
    if (error.reason === "missing") return { kind: "no-client" };
    if (/permission denied/i.test(error.text)) return { kind: "forbidden" };
    return { kind: "stopped", said: lastWord(error.lines) };
  }
}

/** Refuses to install or start anything where that is not ours to do. */
async function requireOurs(context: Context, system: System, setting: EngineSetting, state: EngineState) {
  const missing = state.kind === "no-client";
  const trouble = missing ? "Docker is not installed" : "Docker is not running";
  const remedy = missing
    ? "Install Docker Engine or Docker Desktop and run it again."
    : `${startDocker({})} and run it again.`;
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT"] as const) {
    const value = outsideVariable(name, context.env);
    if (value) throw new UserError(`${trouble} at ${value} (${name})`, `Start it there, or unset ${name}.`);
  }
  if (setting === "never") throw new UserError(`${trouble}, and ROLLCALL_ENGINE=never forbids starting it`, remedy);
  if (!system.debian || !system.root) throw new UserError(trouble, remedy);
  if (missing) return;
  const { stdout } = await context.run("docker", ["context", "show"]).catch(() => ({ stdout: "default" }));
  if (stdout.trim() !== "default") {
    throw new UserError(`${trouble} in the context ${stdout.trim()}`, "Start it, or run `docker context use default`.");
  }
}

async function hasProgram(context: Context, name: string): Promise<boolean> {
  try {
    await context.run(name, ["--version"]);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed && error.reason === "missing") return false;
    throw error;
  }
}

async function startService(context: Context): Promise<void> {
  context.report("starting Docker (systemctl start docker)");
  await attempt("starting Docker", () => context.run("systemctl", ["start", "docker"]));
  if (!(await answersInTime(context, () => false))) throw notStarted("systemctl status docker", "");
}

/** Starts `dockerd` where nothing starts services. It goes on when this run has ended. */
async function startByHand(context: Context): Promise<void> {
  dropStalePidFile("/var/run/docker.pid", "dockerd");
  dropStalePidFile("/var/run/docker/containerd/containerd.pid", "containerd");
  const log = context.cache.path("dockerd.log");
  context.report(`starting dockerd (its log: ${log})`);
  const output = openSync(log, "w", 0o600);
  // The verbs run under umask 077, which would make what the engine creates unreadable for its containers. A proxy of a
  // published port needs several open files a connection, and dies where it gets none: as many as Docker's own unit gives.
  const files = 'ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -H -n)"';
  const child = spawn("sh", ["-c", `umask 022; ${files}; exec dockerd`], {
    detached: true,
    stdio: ["ignore", output, output],
    env: { ...context.env },
    cwd: "/",
  });
  closeSync(output);
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  child.on("error", () => {
    ended = true;
  });
  child.unref();
  if (await answersInTime(context, () => ended)) return;
  throw notStarted(log, readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n"));
}

function answersInTime(context: Context, hasEnded: () => boolean): Promise<boolean> {
  return waitUntil<boolean>({
    seconds: START_SECONDS,
    pauseMs: 300,
    look: async () => {
      if (hasEnded()) return { found: false };
      const { kind } = await askEngine(context);
      return kind === "running" ? { found: true } : { missing: "Docker" };
    },
    late: () => false,
  });
}

function notStarted(where: string, lines: string): UserError {
  return new UserError(`Docker did not start${lines && `; its last lines:\n${lines}`}`, `Look into it: ${where}`);
}

/** A machine that was switched off leaves its daemons' process numbers, which then belong to somebody else. */
function dropStalePidFile(file: string, program: string): void {
  if (!existsSync(file)) return;
  const comm = `/proc/${readFileSync(file, "utf8").trim()}/comm`;
  if (!existsSync(comm) || readFileSync(comm, "utf8").trim() !== program) rmSync(file, { force: true });
}
