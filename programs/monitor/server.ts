import { createServer, type IncomingMessage, type Server } from "node:http";
import * as z from "zod";
import { ALERTS_PATH } from "../../lib/monitoring/receivers.js";
import type { Alerts } from "./alerts.js";
import type { History } from "./history.js";

/** What the monitor answers with. */
export interface Answers {
  readonly metrics: () => string;
  /** What is wrong; undefined where nothing is. */
  readonly fault: () => string | undefined;
  /** What it cannot know meanwhile; undefined where nothing keeps it. */
  readonly blindness: () => string | undefined;
  readonly history: Pick<History, "after">;
  readonly alerts: Pick<Alerts, "take">;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Events of one answer, if nothing else is asked for, and at most. */
const LIMIT = { usual: 1000, most: 10_000 } as const;

const PLAIN = "text/plain; charset=utf-8";

/**
 * Answers `/health`, `/metrics` and `/events?after=SEQ[&limit=N]` on the control network to reads, and takes what Alertmanager
 * posts to `/alerts/RECEIVER`.
 */
export function monitorServer(answers: Answers): Server {
  const server = createServer((request, response) => {
    const { method, url = "/" } = request;
    const send = ({ status, type, text, reason, headers = {} }: Answer) => {
      const head = { "content-type": type, ...headers };
      // In the status line too: that is all that `docker inspect` has of a health check that failed.
      if (reason === undefined) response.writeHead(status, head);
      else response.writeHead(status, reason, head);
      response.end(method === "HEAD" ? "" : text);
    };
    const receiver = method === "POST" ? RECEIVER.exec(url)?.[1] : undefined;
    if (receiver === undefined) return send(method === "GET" || method === "HEAD" ? answerTo(answers, url) : NONE);
    bodyOf(request).then(
      (body) => send(alertsTaken(answers, receiver, body)),
      () => response.destroy(),
    );
  });
  server.maxConnections = 64;
  server.requestTimeout = 10_000;
  return server;
}

const RECEIVER = new RegExp(`^${ALERTS_PATH}([a-z0-9-]{1,128})$`);

/** Alertmanager sends a group whole: of 4,000 services, 2 MB. */
const MOST_BYTES = 8_000_000;

/** What was posted; undefined where it is too much. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function alertsTaken({ alerts }: Answers, receiver: string, body: string | undefined): Answer {
  if (body === undefined) return { status: 413, type: PLAIN, text: "That is more than Alertmanager sends.\n" };
  try {
    alerts.take(receiver, body);
    return { status: 200, type: PLAIN, text: "" };
  } catch (error) {
    const isNone = error instanceof z.ZodError || error instanceof SyntaxError;
    // Alertmanager sends again what is answered 503.
    return isNone
      ? { status: 400, type: PLAIN, text: "That is no message of Alertmanager's.\n" }
      : { status: 503, type: PLAIN, text: "The history cannot be written.\n" };
  }
}

const NONE: Answer = { status: 404, type: PLAIN, text: "There are /health, /metrics and /events?after=SEQ.\n" };

function answerTo({ metrics, fault, blindness, history }: Answers, path: string): Answer {
  if (!URL.canParse(path, "http://monitor")) return NONE;
  const { pathname, searchParams } = new URL(path, "http://monitor");
  switch (pathname) {
    case "/health": {
      const what = fault();
      return what === undefined
        ? { status: 200, type: PLAIN, text: `${blindness() ?? "ok"}\n` }
        : { status: 503, type: PLAIN, text: `${what}\n`, reason: what.replace(/[^ -~]+/g, " ").slice(0, 200) };
    }
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4", text: metrics() };
    case "/events":
      return events(history, searchParams.get("after"), searchParams.get("limit"));
    default:
      return NONE;
  }
}

function events(history: Answers["history"], after: string | null, limit: string | null): Answer {
  const [seq, most] = [numberIn(after ?? "0"), numberIn(limit ?? String(LIMIT.usual))];
  if (seq === undefined || most === undefined || most === 0)
    return {
      status: 400,
      type: PLAIN,
      text: "after and limit take a whole number, such as /events?after=0&limit=100.\n",
    };
  const page = history.after(seq, Math.min(most, LIMIT.most));
  const headers = { "rollcall-last-seq": String(page.lastSeq) };
  if ("first" in page) {
    const text = `${JSON.stringify({ first: page.first, last: page.lastSeq })}\n`;
    return { status: 410, type: "application/json", text, headers };
  }
  return { status: 200, type: "application/x-ndjson", text: page.lines.map((line) => `${line}\n`).join(""), headers };
}

function numberIn(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
