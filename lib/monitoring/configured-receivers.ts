import { filesOf, type Receiver, type Receivers } from "../alert-receivers.js";
import type { ReceiverOf, Told } from "./export/alertmanager-config.js";
import { DEAD_MANS_SWITCH } from "./receivers.js";

/** What a person reads where no form says otherwise: a line for each alert, with what to do. */
const TEXT =
  "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ .Annotations.runbook_url }}\n{{ end }}";
const TITLE = "{{ .Status | toUpper }} {{ .CommonLabels.alertname }} ({{ .CommonLabels.platform }})";

/**
 * The receivers of the file that `alerts.receivers` names, as Alertmanager has them.
 * @param folder where the files with secrets lie in its container, each under the name that `secretFiles` gives it
 */
export function configuredReceivers(configured: Receivers, folder: string): ReceiverOf {
  return (told) => {
    const names = namesFor(configured, told);
    return merged(names.map((name) => configsOf(name, configured.receivers[name] ?? {}, folder, told)));
  };
}

/** Several ways to tell one receiver, together. */
export function together(...all: readonly ReceiverOf[]): ReceiverOf {
  return (told) => merged(all.map((one) => one(told)));
}

function merged(each: readonly ReturnType<ReceiverOf>[]): ReturnType<ReceiverOf> {
  const ways = [...new Set(each.flatMap((configs) => Object.keys(configs)))];
  return Object.fromEntries(ways.map((way) => [way, each.flatMap((configs) => configs[way] ?? [])]));
}

/** The files with secrets: the name in Alertmanager's container → the path here. */
export function secretFiles({ receivers }: Pick<Receivers, "receivers">): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(receivers).flatMap(([name, receiver]) =>
      filesOf(receiver).map(({ way, field, path }) => [secretFile(name, way, field), path]),
    ),
  );
}

function secretFile(name: string, way: string, field: string): string {
  return `${name}.${way}.${field}`;
}

function namesFor({ page, ticket, teams, deadMansSwitch }: Receivers, { name, owner = "", severity }: Told) {
  if (name === DEAD_MANS_SWITCH) return deadMansSwitch === undefined ? [] : [deadMansSwitch];
  if (severity === undefined) return [];
  return teams[owner]?.[severity] ?? (severity === "page" ? page : ticket);
}

function configsOf(
  name: string,
  { webhook, slack, pagerduty, email }: Receiver,
  folder: string,
  told: Told,
): Readonly<Record<string, readonly object[]>> {
  const at = (way: string, field: string) => `${folder}/${secretFile(name, way, field)}`;
  const resolved = { send_resolved: told.name !== DEAD_MANS_SWITCH };
  return {
    ...(webhook === undefined ? {} : { webhook_configs: [{ url_file: at("webhook", "url_file"), ...resolved }] }),
    ...(slack === undefined
      ? {}
      : {
          slack_configs: [
            {
              api_url_file: at("slack", "api_url_file"),
              channel: slack.channel,
              title: TITLE,
              text: TEXT,
              ...resolved,
            },
          ],
        }),
    ...(pagerduty === undefined
      ? {}
      : { pagerduty_configs: [{ routing_key_file: at("pagerduty", "routing_key_file"), ...resolved }] }),
    ...(email === undefined
      ? {}
      : {
          email_configs: [
            {
              to: email.to,
              from: email.from,
              smarthost: email.smarthost,
              ...(email.auth_username === undefined
                ? {}
                : { auth_username: email.auth_username, auth_password_file: at("email", "auth_password_file") }),
              headers: { Subject: TITLE },
              text: TEXT,
              ...resolved,
            },
          ],
        }),
  };
}
