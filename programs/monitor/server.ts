import { createServer, type Server } from "node:http";
import type { History } from "./history.js";

/** What the monitor answers with. */
export interface Answers {
  readonly metrics: () => string;
  /** What is wrong; undefined where nothing is. */
  readonly fault: () => string | undefined;
  /** What it cannot know meanwhile; undefined where nothing keeps it. */
  readonly blindness: () => string | undefined;
  readonly history: Pick<History, "after">;
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

/** Answers `/health`, `/metrics` and `/events?after=SEQ[&limit=N]` on the control network, to reads alone. */
export function monitorServer(answers: Answers): Server {
  const server = createServer(({ method, url = "/" }, response) => {
    const isRead = method === "GET" || method === "HEAD";
    const { status, type, text, reason, headers = {} } = isRead ? answerTo(answers, url) : NONE;
    const head = { "content-type": type, ...headers };
    // In the status line too: that is all that `docker inspect` has of a health check that failed.
    if (reason === undefined) response.writeHead(status, head);
    else response.writeHead(status, reason, head);
    response.end(method === "HEAD" ? "" : text);
  });
  server.maxConnections = 64;
  server.requestTimeout = 10_000;
  return server;
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
