import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { readReceivers } from "../../../../lib/alert-receivers.js";
import { configuredReceivers, secretFiles, together } from "../../../../lib/monitoring/configured-receivers.js";
import { renderAlertmanagerConfig } from "../../../../lib/monitoring/export/alertmanager-config.js";
import { localReceiver } from "../../../../lib/monitoring/local-receiver.js";
import { UserError } from "../../../../lib/user-error.js";

const folder = mkdtempSync(join(tmpdir(), "rollcall-receivers-"));
const file = join(folder, "receivers.yaml");
const TEAMS = ["payments", "books"];

beforeAll(() => {
  mkdirSync(join(folder, "secrets"));
  for (const name of ["hook.url", "slack.url", "pagerduty.key", "mail.password"])
    writeFileSync(join(folder, "secrets", name), "secret\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const ALL = `receivers:
  hook: { webhook: { url_file: secrets/hook.url } }
  chat: { slack: { api_url_file: secrets/slack.url, channel: "#alerts" } }
  on-call: { pagerduty: { routing_key_file: secrets/pagerduty.key } }
  mail:
    email: { to: ops@example.com, from: a@example.com, smarthost: mail.example.com:587, auth_username: a, auth_password_file: secrets/mail.password }
page: [on-call, chat]
ticket: [chat]
teams:
  payments: { page: [hook] }
dead_mans_switch: hook
`;

function read(text: string) {
  writeFileSync(file, text);
  return readReceivers(file, TEAMS);
}

/** Everything that is said of a file, without its folder. */
function refused(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UserError) return `${error.message}. ${error.remedy}`.replaceAll(`${folder}/`, "");
    throw error;
  }
  throw new Error("nothing was refused");
}

interface Rendered {
  readonly receivers: readonly ({ readonly name: string } & Readonly<
    Record<string, readonly Readonly<Record<string, unknown>>[]>
  >)[];
}

/** The ways in which one of Alertmanager's receivers is told, the monitor included. */
function waysOf(text: string) {
  const receiverOf = together(localReceiver(""), configuredReceivers(read(text), "/secrets"));
  const { receivers } = parse(renderAlertmanagerConfig(TEAMS, receiverOf)) as Rendered;
  return Object.fromEntries(
    receivers.map(({ name, ...ways }) => [
      name,
      Object.entries(ways).flatMap(([way, each]) =>
        each.map(
          (one) => `${way} ${String(one.url ?? Object.entries(one).find(([key]) => key.endsWith("_file"))?.[1] ?? "")}`,
        ),
      ),
    ]),
  );
}

test("each team's pages and tickets reach whom the file says, and always the monitor", () => {
  const monitor = (name: string) => `webhook_configs http://consul-monitor:9182/alerts/${name}`;
  const chat = "slack_configs /secrets/chat.slack.api_url_file";
  const onCall = "pagerduty_configs /secrets/on-call.pagerduty.routing_key_file";
  const hook = "webhook_configs /secrets/hook.webhook.url_file";
  expect(waysOf(ALL)).toEqual({
    "dead-mans-switch": [monitor("dead-mans-switch"), hook],
    "platform-page": [monitor("platform-page"), onCall, chat],
    "platform-ticket": [monitor("platform-ticket"), chat],
    "books-page": [monitor("books-page"), onCall, chat],
    "books-ticket": [monitor("books-ticket"), chat],
    "payments-page": [monitor("payments-page"), hook],
    "payments-ticket": [monitor("payments-ticket"), chat],
  });
});

test("what is secret stands in files of the container, and in nothing that is rendered", () => {
  expect(secretFiles(read(ALL))).toEqual({
    "hook.webhook.url_file": "secrets/hook.url",
    "chat.slack.api_url_file": "secrets/slack.url",
    "on-call.pagerduty.routing_key_file": "secrets/pagerduty.key",
    "mail.email.auth_password_file": "secrets/mail.password",
  });
});

test.each([
  [
    "a secret in clear",
    "receivers: { hook: { webhook: { url: http://x } } }",
    /receivers.yaml:1:\d+: receivers.hook.webhook.url is unknown. No secret may stand here: write it into a file, and its path as url_file/,
  ],
  ["an unknown way", "receivers: { hook: { webhok: {} } }", /webhok is unknown. Did you mean webhook/],
  ["an unknown word", "receivers: {}\npages: [a]", /receivers.yaml:2:1: pages is unknown. Did you mean page/],
  ["no way", "receivers: { hook: {} }", /hook is told in no way. Give it webhook, slack, pagerduty, email/],
  [
    "a file that is not there",
    "receivers: { hook: { webhook: { url_file: secrets/none } } }",
    /hook: there is no file secrets\/none/,
  ],
  [
    "a receiver that is not there",
    `${ALL}`.replace("[chat]", "[chatt]"),
    /receivers.yaml:8:10: chatt is no receiver here. Did you mean chat/,
  ],
  [
    "a team that is not there",
    ALL.replace("payments:", "paymets:"),
    /paymets is no team of the catalog. Did you mean payments/,
  ],
  [
    "one of name and password",
    ALL.replace("auth_username: a, ", ""),
    /mail has only one of auth_username and auth_password_file. Give both/,
  ],
  ["a mail server without a port", ALL.replace(":587", ""), /smarthost is not what is expected. It takes host:port/],
  [
    "a list that is none",
    ALL.replace("[on-call, chat]", "on-call"),
    /page is not what is expected. It takes a list of receivers/,
  ],
  ["no YAML", "receivers: [", /receivers.yaml:1/],
])("%s is refused, with its line and what to do", (_, text, said) => {
  expect(refused(text)).toMatch(said);
  expect(refused(text)).not.toContain("http://x");
});

test("a file that is not there is refused", () => {
  expect(() => readReceivers(join(folder, "none.yaml"), TEAMS)).toThrow("cannot be read");
});
