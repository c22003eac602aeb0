import { ask, type Target } from "./ask.js";
import type { ServerState } from "./server-state.js";

const PROTOCOL_3 = 0x0003_0000;
/** A server's first message is shorter. */
const LONGEST_MESSAGE = 4096;
const NOBODY: ServerState = { status: "critical", says: "no PostgreSQL server answers there" };

/**
 * Begins a session, as far as a server answers without a password. The rule is that of PostgreSQL's own `pg_isready`:
 * every answer is one of a server that accepts connections, but "cannot connect now" (57P03). That it has none left
 * (53300) is a warning.
 */
export async function askPostgres(target: Target, user: string, database: string): Promise<ServerState> {
  return stateOf(await ask(target, startupMessage(user, database), isWholeOrStrange));
}

function startupMessage(user: string, database: string): Buffer {
  const fields = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + fields.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, fields]);
}

/** The first message is a type, its length without the type, and its body. */
function isWholeOrStrange(answer: Buffer): boolean {
  return isStrange(answer) || (answer.length >= 5 && answer.length > answer.readInt32BE(1));
}

/** Whether this cannot be an answer to the start of a session: those are of two types, and none is long. */
function isStrange(answer: Buffer): boolean {
  return !["R", "E"].includes(typeOf(answer)) || (answer.length >= 5 && answer.readUInt32BE(1) > LONGEST_MESSAGE);
}

function typeOf(answer: Buffer): string {
  return String.fromCharCode(answer[0] ?? 0);
}

function stateOf(answer: Buffer): ServerState {
  if (answer.length < 5 || isStrange(answer)) return NOBODY;
  const length = answer.readInt32BE(1);
  if (typeOf(answer) === "R")
    return length >= 8 ? { status: "passing", says: "PostgreSQL accepts connections" } : NOBODY;
  const { C: code = "", M: message = "" } = errorFields(answer.subarray(5, 1 + length));
  if (!/^[0-9A-Z]{5}$/.test(code)) return NOBODY;
  const status = code === "57P03" ? "critical" : code === "53300" ? "warning" : "passing";
  return { status, says: `PostgreSQL says ${code}`, code, message };
}

/** The fields of PostgreSQL's ErrorResponse: a letter and a text each, ended by NUL. */
function errorFields(body: Buffer): Readonly<Record<string, string>> {
  const texts = body.toString("utf8").split("\0").filter(Boolean);
  return Object.fromEntries(texts.map((text) => [text.slice(0, 1), text.slice(1)]));
}
