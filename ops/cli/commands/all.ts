import { program } from "../program.js";
import { add } from "./add.js";
import { alerts } from "./alerts.js";
import { backup } from "./backup.js";
import { catalog } from "./catalog.js";
import { completion } from "./completion.js";
import { diff } from "./diff.js";
import { doctor } from "./doctor.js";
import { down } from "./down.js";
import { drift } from "./drift.js";
import { env } from "./env.js";
import { github } from "./github.js";
import { logs } from "./logs.js";
import { monitoring } from "./monitoring.js";
import { recover } from "./recover.js";
import { restore } from "./restore.js";
import { rotate } from "./rotate.js";
import { settings } from "./settings.js";
import { silence } from "./silence.js";
import { start } from "./start.js";
import { status } from "./status.js";
import { stop } from "./stop.js";
import { synth } from "./synth.js";
import { token } from "./token.js";
import { up } from "./up.js";
import { verify } from "./verify.js";

/** The executable `rollcall`: every verb, in the order in which a person meets them. */
export const ROLLCALL = program("rollcall", [
  up.helpGroup("Every day:"),
  down.helpGroup("Every day:"),
  stop.helpGroup("Every day:"),
  start.helpGroup("Every day:"),
  status.helpGroup("Every day:"),
  doctor.helpGroup("Every day:"),
  logs.helpGroup("Every day:"),
  verify.helpGroup("Every day:"),
  alerts.helpGroup("Every day:"),
  silence.helpGroup("Every day:"),
  diff.helpGroup("The catalog and its changes:"),
  drift.helpGroup("The catalog and its changes:"),
  catalog.helpGroup("The catalog and its changes:"),
  add.helpGroup("The catalog and its changes:"),
  settings.helpGroup("The catalog and its changes:"),
  synth.helpGroup("The catalog and its changes:"),
  backup.helpGroup("Backups and secrets:"),
  restore.helpGroup("Backups and secrets:"),
  recover.helpGroup("Backups and secrets:"),
  rotate.helpGroup("Backups and secrets:"),
  token.helpGroup("Backups and secrets:"),
  monitoring.helpGroup("With other tools:"),
  env.helpGroup("With other tools:"),
  github.helpGroup("With other tools:"),
  completion.helpGroup("With other tools:"),
]);
