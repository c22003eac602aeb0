// @ts-check
// Plain JavaScript: `ops/run.mjs` shows it before anything is installed.

/**
 * How a verb is called and what comes of it: the one place for it. `--help` shows it, and the arguments of a verb are
 * read by it (`ops/command-line.cjs`).
 * @typedef {object} Usage
 * @property {readonly string[]} calls Everything behind `npm run `, each way to call it. In capitals what a person
 *   fills in, in brackets what may be left out, with `...` what may be repeated, with `|` what there is to choose from.
 * @property {string} does One line, for the list of all verbs.
 * @property {readonly string[]} [more] What a person must know besides, a line each.
 * @property {string} [trial] What shows the outcome beforehand, for those who look for `--dry-run`.
 */

/**
 * Every verb, in the order in which a person meets them.
 * @type {Readonly<Record<string, Usage>>}
 */
const USAGES = {
  up: {
    calls: ["up"],
    does: "sets up what is missing, applies what differs, waits until every service passes",
    more: ["A second one changes nothing; after an interruption it goes on from there."],
    trial: "`npm run diff` shows what it would change.",
  },
  down: {
    calls: ["down -- [NAME] [--yes]"],
    does: "removes exactly what `up` made, and what Consul holds with it",
    more: [
      "Says what is lost and asks; --yes answers beforehand. Interrupted, it is finished by the next `down` or `up`.",
      "NAME: a platform whose clone is gone, by its label rollcall.instance.",
    ],
    trial: "Without --yes it says what it would remove, and asks.",
  },
  status: {
    calls: ["status", "status -- --json"],
    does: "is it up? Servers, leader, agent, registrar, gateway, catalog, certificates, last backup",
    more: [
      "Tells what is known where Consul has no leader, servers are stopped, or Docker is away.",
      "Exit code 0 where all is well, 1 where something is wrong; notes are not wrong.",
    ],
  },
  doctor: {
    calls: ["doctor"],
    does: "what is wrong, each with its remedy: Docker, ports, DNS, clocks, disk, memory, versions, modes, drift",
    more: ["Looks at everything and changes nothing. Exit code 1 where something is wrong."],
  },
  logs: {
    calls: ["logs -- NAME [--follow] [--tail N] [--since D]", "logs -- audit [--all] [--tail N] [--since D] [--json]"],
    does: "the log of a part of the platform, or of a declared service with what its checks said last; who wrote what",
    more: [
      "NAME: server-1, agent, registrar, gateway, …, as `status` names them; or a service of the catalog.",
      "audit: who changed what, through Consul's API and by these verbs; --all: also what was refused or changes nothing.",
      "--tail N: the last N lines alone (default 200). --since D: a time span such as 10m, or a time.",
      "A service that is called audit: TEAM/audit.",
    ],
  },
  verify: {
    calls: ["verify"],
    does: "declared against live, service by service",
    more: ["Exit code 1 where a service is missing, critical, extra, different, registered twice or refused."],
  },
  diff: {
    calls: ["diff -- [--against REF [--of REF]] [--format text|markdown|json]"],
    does: "what `up` would change, in words and stack by stack; changes nothing",
    more: [
      "--against REF: what the catalog's files changed since a commit, without Docker or state.",
      "--of REF: the newer files from a commit as well.",
      "Exit code 0 for no change, 2 for changes, 1 for a danger that ROLLCALL_ALLOW does not name.",
    ],
  },
  drift: {
    calls: ["drift -- [--format text|markdown|json]"],
    does: "what runs against what was applied; changes nothing",
    more: ["Exit code 0 for no drift, 2 for some, 1 where something cannot be said."],
  },
  backup: {
    calls: ["backup", "backup -- --list", "backup -- --fetch", "backup -- --new-key FILE"],
    does: "everything that a restore needs, in one file encrypted to ROLLCALL_BACKUP_RECIPIENT",
    more: [
      "--list: the backups that there are. --fetch: copies the scheduled ones into the folder.",
      "--new-key FILE: makes a key pair for those who have none.",
    ],
  },
  restore: {
    calls: ["restore -- FILE [--yes]"],
    does: "what Consul held when the backup was made, on the platform that runs, or on a new one where all is lost",
    more: ["Says what the file is and asks; --yes answers beforehand. ROLLCALL_BACKUP_IDENTITY names the key's file."],
  },
  recover: {
    calls: ["recover -- [--yes]"],
    does: "a cluster again, where most servers are lost together with their data",
    more: ["Refuses while a quorum lives. Says what it keeps and asks; --yes answers beforehand."],
  },
  rotate: {
    calls: ["rotate -- tokens [--finish]", "rotate -- gossip", "rotate -- certificates", "rotate -- management"],
    does: "exchanges secrets while everything runs; Consul then refuses the old ones",
    more: [
      "tokens: those that others hold stay valid beside the new ones until --finish.",
      "What an interrupted run left, the next one finishes.",
    ],
  },
  token: {
    calls: ["-s token -- [NAME]"],
    does: "prints one token and nothing else",
    more: [
      "NAME: which one; without it, all are named.",
      'Without showing it: export CONSUL_HTTP_TOKEN="$(npm run -s token -- operator)"',
    ],
  },
  env: {
    calls: ["-s env"],
    does: "prints the exports with which plain `cdktf` and `terraform` work here as the verbs do",
    more: ['eval "$(npm run -s env)"'],
  },
  catalog: {
    calls: [
      "catalog -- lint",
      "catalog -- list",
      "catalog -- show NAME",
      "catalog -- render",
      "catalog -- audit",
      "catalog -- import --from URL --to FOLDER [--token-file FILE]",
    ],
    does: "reads the catalog alone; audits or imports what a running Consul holds",
    more: [
      "lint tells every mistake; list has a line a service; show one with all defaults; render the Consul definitions.",
      "audit tells what Consul has otherwise, each with the command that mends it; import writes a catalog.",
    ],
  },
  github: {
    calls: ["github -- comment --pull-request NUMBER [--against REF --of REF]", "github -- drift"],
    does: "for a job on GitHub: the diff as a comment on a pull request, drift as an issue",
  },
  synth: { calls: ["synth"], does: "writes every stack for Terraform, changes nothing" },
  schema: { calls: ["schema"], does: "writes catalog.schema.json, which editors check the catalog with" },
  check: { calls: ["check"], does: "types, Biome, shellcheck, `go vet`, unit and synth tests; no Docker" },
  test: {
    calls: [
      "test",
      "test -- unit",
      "test -- e2e [FILE...]",
      "test -- chaos [FILE...]",
      "test -- all [FILE...]",
      "test -- changed [--since REF]",
      "test -- list",
    ],
    does: "`check`, and what is promised against real Docker, Consul and Terraform, on platforms of its own",
    more: [
      "all (`npm run test:all`): what is slow and rarely broken as well, hours; `test:all -- upgrade-from REF`: an older",
      "commit's platform is taken over. changed: `check` and what differs from REF can affect. list writes docs/tests.md.",
    ],
  },
  bench: {
    calls: ["bench", "bench -- cold", "bench -- scale", "bench -- plan"],
    does: "how fast and how large, against plain `cdktf` in the same run",
    more: ["cold builds the offline cache anew first, about 20 minutes."],
  },
  "bench:discovery": {
    calls: ["bench:discovery", "bench:discovery -- picks", "bench:discovery -- peers"],
    does: "what a pick of the discovery client costs, by strategy, and what it and others cost against a real Consul",
  },
  soak: {
    calls: ["soak -- [MINUTES]"],
    does: "random faults under 100 users of the discovery client, on a platform of its own; 30 minutes",
  },
};

module.exports = { USAGES };
