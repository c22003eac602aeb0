import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What people do wrong with tools, files and permissions; `commands` and `settings-file` have options and settings. */
interface Mistake {
  readonly words: readonly string[];
  /** Programs on the PATH, beside none: their scripts. @default - none */
  readonly programs?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on standard error; FOLDER is where the person stands. */
  readonly told: readonly string[];
  /** @default 1 */
  readonly code?: number;
}

const DOCKER = { docker: "case $1 in version) echo 28 ;; esac" };
const START = "Start Docker (Docker Desktop, or `sudo systemctl start docker`), and run it again.";
const CATALOG = "docs/catalog.md describes every field of the catalog.";

const MISTAKES: readonly Mistake[] = [
  {
    words: ["verify"],
    told: ["Docker is not installed", "Install Docker Engine or Docker Desktop, and run it again."],
  },
  {
    words: ["verify"],
    programs: { docker: 'echo "Cannot connect to the Docker daemon" >&2; exit 1' },
    told: ["Docker does not answer", START],
  },
  {
    words: ["stop"],
    programs: { docker: 'echo "permission denied while trying to connect" >&2; exit 1' },
    told: [
      "Docker runs, but you are not permitted to use it, so nothing was stopped",
      "Run `sudo usermod -aG docker $USER` and log in again, or run this command as root.",
    ],
  },
  {
    words: ["verify"],
    env: { DOCKER_HOST: "tcp://build.example:2376" },
    programs: { docker: "exit 1" },
    told: [
      "Docker does not answer",
      "Start the Docker that DOCKER_HOST names (tcp://build.example:2376), or unset DOCKER_HOST, and run it again.",
    ],
  },
  {
    words: ["verify"],
    programs: DOCKER,
    told: [
      "terraform is not installed",
      "Install Terraform 1.5 or newer, or OpenTofu, and set ROLLCALL_TERRAFORM=tofu for that.",
    ],
  },
  {
    words: ["verify"],
    programs: DOCKER,
    env: { ROLLCALL_TERRAFORM: "tofu" },
    told: [
      "tofu is not installed",
      "ROLLCALL_TERRAFORM names tofu: install it, correct the setting, or leave it out to use Terraform.",
    ],
  },
  {
    words: ["start"],
    programs: DOCKER,
    told: ["There is no platform here that could be started", "Run `npx rollcall up`."],
  },
  {
    words: ["stop"],
    programs: DOCKER,
    told: ["There is no platform here that could be stopped", "`npx rollcall up` makes one."],
  },
  {
    words: ["down", "nobody", "--keep-data"],
    programs: DOCKER,
    told: [
      "--keep-data keeps a platform's volumes for the state in its clone, and a platform that is named has no clone",
      "Leave the name out, or leave out --keep-data.",
    ],
  },
  { words: ["diff", "--against", "HEAD"], told: ["git is not installed", "Install git, and run it again."] },
  {
    words: ["catalog", "lint"],
    env: { ROLLCALL_CATALOG: "nowhere" },
    told: [
      "nowhere:1:1: the catalog folder cannot be read (ENOENT); create it, or correct its name or permissions",
      CATALOG,
    ],
  },
  {
    words: ["catalog", "lint"],
    env: { ROLLCALL_CATALOG: "FOLDER/file" },
    told: [
      "FOLDER/file:1:1: the catalog folder cannot be read (ENOTDIR); create it, or correct its name or permissions",
      CATALOG,
    ],
  },
  {
    words: ["synth"],
    env: { CDKTF_OUTDIR: "FOLDER/file" },
    told: [
      "The folder FOLDER/file cannot be used: you are not permitted to make it or to change it, or it is a file",
      "Name another one (CDKTF_OUTDIR, ROLLCALL_STATE, ROLLCALL_BACKUPS, XDG_CACHE_HOME), or work in a clone of your own.",
    ],
  },
  {
    words: ["status"],
    env: { ROLLCALL_STATE: "FOLDER/file" },
    told: [
      "The state folder FOLDER/file cannot be used (ENOTDIR: not a directory, open 'FOLDER/file/instance')",
      "Make it readable and writable for you, or set ROLLCALL_STATE to another folder.",
    ],
  },
  {
    words: ["backup", "--new-key", "file"],
    told: ["FOLDER/file exists already, so nothing was written", "Name a file that does not exist."],
  },
  {
    words: ["backup"],
    told: [
      "ROLLCALL_BACKUP_RECIPIENT is not set, and a backup in clear would show every token and key",
      "Set it to your age recipient (age1…). `npx rollcall backup --new-key FILE` makes a key pair for those who have none.",
    ],
  },
  { words: ["backup", "--json"], code: 64, told: ["--json needs --list", "Run `npx rollcall backup --help`."] },
  {
    words: ["restore", "nofile"],
    told: [
      "FOLDER/nofile cannot be read: it is not there",
      "`npx rollcall backup --list` shows the backups that there are.",
    ],
  },
  {
    words: ["logs", "agnet"],
    told: [
      'Nothing here is called "agnet"',
      "Did you mean agent? The parts are server-1, server-2, server-3, agent, registrar, gateway, monitor; `npx rollcall catalog list` names the services.",
    ],
  },
  {
    words: ["token", "nosuch"],
    code: 64,
    told: [
      'There is no token "nosuch"',
      "There are management, metrics, discovery, dynamic, heartbeat, operator. Run `npx rollcall token --help`.",
    ],
  },
  {
    words: ["catalog", "import", "--from", "http://x", "--to", "full"],
    told: ["FOLDER/full is not empty, and nothing is overwritten", "Name a new folder with --to."],
  },
  {
    words: ["catalog", "import", "--from", "ftp://x", "--to", "new"],
    code: 64,
    told: ["ftp://x is no address of a Consul", "Run `npx rollcall catalog import --help`."],
  },
  {
    words: ["github", "drift"],
    told: ["GITHUB_API_URL is not set", "This verb is for a job on GitHub (.github/workflows)."],
  },
  {
    words: ["--config", "nowhere.yaml", "settings"],
    told: [
      "There is no settings file FOLDER/nowhere.yaml",
      "Correct `--config` or ROLLCALL_CONFIG, or write the file: docs/reference/settings.md describes it.",
    ],
  },
  {
    words: ["add", "service", "x", "--team", "user-platfrom", "--port", "1"],
    told: [
      'The catalog has no team "user-platfrom"',
      "Did you mean user-platform? `--new-team` makes a file for a new team.",
    ],
  },
  {
    words: ["catalog", "show", "biling_service"],
    told: ['The catalog has no service "biling_service"', "Did you mean billing_service?"],
  },
];

/** How it ended, what was said where, and which files were made. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly made: readonly string[];
}

let top: string;
let ended: readonly Ended[];

/** Does what the person did, in a folder of its own, where there is nothing but what the mistake names. */
function make({ words, programs = {}, env = {} }: Mistake, number: number): Promise<Ended> {
  const folder = join(top, String(number));
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "full"));
  for (const file of ["file", "full/a"]) writeFileSync(join(folder, file), "");
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  const own = { PATH: join(folder, "bin"), HOME: folder, TMPDIR: folder, ROLLCALL_STATE: join(folder, "state") };
  const given = Object.entries(env).map(([name, value]) => [name, value.replace("FOLDER", folder)]);
  const child = spawn(process.execPath, [resolve("ops/run.mjs"), ...words], {
    cwd: folder,
    env: { ...own, CDKTF_OUTDIR: join(folder, "out"), ROLLCALL_CONFIG: "none", ...Object.fromEntries(given) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((done, fail) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (part) => {
      stdout += part;
    });
    child.stderr.on("data", (part) => {
      stderr += part;
    });
    child.on("error", fail).on("close", (code) => {
      const made = readdirSync(folder).filter((name) => !["bin", "full", "file", "state", ".cache"].includes(name));
      done({ code, stdout, stderr: stderr.replaceAll(folder, "FOLDER"), made });
    });
  });
}

beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), "rollcall-mistakes-"));
  const all: Ended[] = [];
  // As many at once as a machine has cores at least.
  for (let begin = 0; begin < MISTAKES.length; begin += 2)
    all.push(...(await Promise.all(MISTAKES.slice(begin, begin + 2).map((each, index) => make(each, begin + index)))));
  ended = all;
}, 300_000);
afterAll(() => rmSync(top, { recursive: true }));

test.each(
  MISTAKES.map(({ words, told, code = 1 }, index) => [words.join(" "), told[0] ?? "", index, told, code] as const),
)("%s: %s", (_words, _what, index, told, code) => {
  expect(ended[index]).toEqual({ code, stdout: "", stderr: `${told.join("\n")}\n`, made: [] });
});
