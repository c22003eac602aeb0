import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readGitHub } from "../../../../lib/settings.js";
import { GitHub } from "../../../../ops/verbs/github/github.js";

interface Written {
  id: number;
  number: number;
  body: string;
  title?: string;
  state: string;
  user?: { type: string };
  pull_request?: object;
}

/** As much of GitHub as is called: comments and issues, in memory. */
let server: Server;
let client: GitHub;
let comments: Written[];
let issues: Written[];
let calls: string[];

beforeEach(async () => {
  [comments, issues, calls] = [[], [], []];
  server = createServer((request, answer) => {
    read(request).then((text) => {
      calls.push(`${request.method} ${request.url?.split("?")[0]?.replace("/repos/acme/platform/", "")}`);
      expect(request.headers.authorization).toBe("Bearer t0ken");
      const { status, body } = respond(request.method ?? "", new URL(request.url ?? "", "http://github"), text);
      answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { GITHUB_API_URL: url, GITHUB_REPOSITORY: "acme/platform", GITHUB_TOKEN: "t0ken" };
  client = new GitHub(readGitHub(env));
});
afterEach(() => server.close());

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += part;
  return text;
}

function respond(method: string, url: URL, text: string): { status: number; body: unknown } {
  const path = url.pathname.replace("/repos/acme/platform/", "");
  const list = path.includes("comments") ? comments : issues;
  const sent = text === "" ? {} : JSON.parse(text);
  if (method === "POST" && path === "issues/404/comments") return { status: 404, body: {} };
  if (method === "POST") {
    const id = list.length + 1;
    list.push({ id, number: id, state: "open", user: { type: "Bot" }, ...sent });
    return { status: 201, body: {} };
  }
  if (method === "PATCH") {
    Object.assign(list.find(({ id }) => id === Number(path.split("/").at(-1))) ?? {}, sent);
    return { status: 200, body: {} };
  }
  const from = (Number(url.searchParams.get("page")) - 1) * 100;
  return { status: 200, body: list.filter(({ state }) => state === "open").slice(from, from + 100) };
}

test("the second diff takes the first one's place, behind whatever was said meanwhile", async () => {
  await client.comment(7, "<!-- m -->", "one", true);
  for (let n = 0; n < 150; n++) comments.unshift({ id: 1000 + n, number: 0, state: "open", body: "said <!-- m -->" });
  await client.comment(7, "<!-- m -->", "two", true);
  expect(comments).toHaveLength(151);
  expect(comments.at(-1)?.body).toBe("<!-- m -->\ntwo");
});

test("a person who writes the mark gets no report into a text of theirs, nor does a pull request count as an issue", async () => {
  const theirs = { id: 500, number: 500, body: "<!-- m -->", state: "open", user: { type: "User" } };
  comments.push({ ...theirs });
  issues.push({ ...theirs }, { ...theirs, id: 501, user: { type: "Bot" }, pull_request: {} });
  await client.comment(7, "<!-- m -->", "one", true);
  await client.issue("<!-- m -->", "Drift", "one");
  expect(comments.map(({ body }) => body)).toEqual(["<!-- m -->", "<!-- m -->\none"]);
  expect(issues.map(({ body }) => body)).toEqual(["<!-- m -->", "<!-- m -->", "<!-- m -->\none"]);
});

test("no change is no comment, but tells where there was one", async () => {
  await client.comment(7, "<!-- m -->", "nothing", false);
  expect(comments).toEqual([]);
  await client.comment(7, "<!-- m -->", "something", true);
  await client.comment(7, "<!-- m -->", "nothing", false);
  expect(comments.map(({ body }) => body)).toEqual(["<!-- m -->\nnothing"]);
});

test("a comment is never longer than GitHub takes", async () => {
  await client.comment(7, "<!-- m -->", "x".repeat(100_000), true);
  expect(comments[0]?.body).toHaveLength(65_536);
});

test("drift is one issue for as long as there is any", async () => {
  await client.issue("<!-- d -->", "Drift", undefined);
  expect(issues).toEqual([]);
  await client.issue("<!-- d -->", "Drift", "a");
  await client.issue("<!-- d -->", "Drift", "b");
  expect(issues).toMatchObject([{ title: "Drift", body: "<!-- d -->\nb", state: "open" }]);
  await client.issue("<!-- d -->", "Drift", undefined);
  expect(issues).toMatchObject([{ state: "closed" }]);
  await client.issue("<!-- d -->", "Drift", "c");
  expect(issues).toHaveLength(2);
});

test("what GitHub refuses is said with what to look at, without the token", async () => {
  const told = client.comment(404, "<!-- m -->", "x", true);
  await expect(told).rejects.toThrow("GitHub answered 404 to POST issues/404/comments");
  await expect(told).rejects.toMatchObject({ remedy: "Look at the permissions of the workflow's token." });
});

test("outside a job it says so", () => {
  expect(() => readGitHub({ GITHUB_API_URL: "x" })).toThrow("GITHUB_REPOSITORY is not set");
});
