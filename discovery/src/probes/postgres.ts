import type { Finding, Probe } from "../report.ts";
import { filled, mustFit, shapeOf, whole } from "../shape.ts";
import { ask } from "./ask.ts";

/** A PostgreSQL server, and whom to greet it as; no password is sent. */
export interface PostgresTarget {
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /** @default "postgres" */
  readonly user?: string;
  /** @default the user */
  readonly database?: string;
}

const TARGET = shapeOf<PostgresTarget>({ host: filled, port: whole(1, 65_535), user: filled, database: filled });
const PROTOCOL_3 = 0x0003_0000;

/**
 * Whether a PostgreSQL server accepts connections, by the rule of its own `pg_isready`: every answer to a greeting is
 * one of a server that does, but "cannot connect now" (57P03). Too many connections (53300) is a warning.
 * @throws InvalidOption
 */
export function postgresProbe(target: PostgresTarget): Probe {
  mustFit("postgresProbe", target, TARGET);
  const { host, port = 5432, user = "postgres", database = user } = target;
  const fields = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + fields.length, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  const greeting = Buffer.concat([head, fields]);
  return async (signal) => findingOf(await ask({ host, port }, greeting, isWhole, signal));
}

/** The first message: a type, its length without the type, its body. */
function isWhole(answer: Buffer): boolean {
  return answer.length >= 5 && (!["R", "E"].includes(typeOf(answer)) || answer.length > answer.readUInt32BE(1));
}

function typeOf(answer: Buffer): string {
  return String.fromCharCode(answer[0] ?? 0);
}

function findingOf(answer: Buffer): Finding {
  const nobody: Finding = { status: "critical", says: "no PostgreSQL server answers there" };
  if (answer.length < 9 || !isWhole(answer)) return nobody;
  if (typeOf(answer) === "R") return { status: "passing", says: "PostgreSQL accepts connections" };
  if (typeOf(answer) !== "E") return nobody;
  const fields = answer.subarray(5).toString("utf8").split("\0");
  const field = (letter: string) => fields.find((each) => each.startsWith(letter))?.slice(1) ?? "";
  const code = field("C");
  if (!/^[0-9A-Z]{5}$/.test(code)) return nobody;
  const says = `PostgreSQL says ${code}: ${field("M")}`;
  if (code === "57P03") return { status: "critical", says };
  return { status: code === "53300" ? "warning" : "passing", says };
}
