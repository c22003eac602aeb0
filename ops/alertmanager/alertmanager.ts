import * as z from "zod";
import { PATHS } from "../../lib/monitoring/prometheus-config.js";
import { MONITORING_PORTS, PARTS } from "../../lib/platform-names.js";
import { CommandFailed, type Run, run } from "../../lib/process.js";
import { UserError } from "../../lib/user-error.js";
import { WGET } from "../docker/containers.js";

const alert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.string(),
  status: z.object({ state: z.string(), silencedBy: z.array(z.string()), inhibitedBy: z.array(z.string()) }),
});

const silence = z.object({
  id: z.string(),
  comment: z.string(),
  createdBy: z.string(),
  endsAt: z.string(),
  status: z.object({ state: z.enum(["active", "pending", "expired"]) }),
  matchers: z.array(z.object({ name: z.string(), value: z.string(), isEqual: z.boolean(), isRegex: z.boolean() })),
});

/** An alert as Alertmanager has it. */
export type Alert = z.output<typeof alert>;

/** A time in which nobody is told of what matches. */
export type Silence = z.output<typeof silence>;

const AT = `http://127.0.0.1:${MONITORING_PORTS.alertmanager}${PATHS.alertmanager}`;

/** A platform's Alertmanager, asked from within its container: nothing of it is published. */
export class Alertmanager {
  private readonly container: string;

  /** @param prefix `ROLLCALL_PREFIX` */
  constructor(
    prefix: string,
    private readonly runner: Run = run,
  ) {
    this.container = `${prefix}${PARTS.alertmanager}`;
  }

  /** What fires now, the silenced too. @throws UserError where it does not answer */
  async alerts(): Promise<readonly Alert[]> {
    return z.array(alert).parse(JSON.parse(await this.get("/api/v2/alerts")));
  }

  /** What is silenced, now or later. @throws UserError where it does not answer */
  async silences(): Promise<readonly Silence[]> {
    const all = z.array(silence).parse(JSON.parse(await this.get("/api/v2/silences")));
    return all.filter(({ status }) => status.state !== "expired");
  }

  /**
   * Silences what has all these labels.
   * @param matchers in amtool's words, such as `service="billing"`
   * @returns the silence's id
   * @throws UserError where it does not answer
   */
  async silence(matchers: readonly string[], seconds: number, author: string, comment: string): Promise<string> {
    const options = [`--duration=${seconds}s`, `--author=${author}`, `--comment=${comment}`];
    return (await this.amtool("silence", "add", ...options, ...matchers)).trim();
  }

  /** Ends a silence. @throws UserError where there is none of that id, or it does not answer */
  async end(id: string): Promise<void> {
    const known = await this.silences();
    if (!known.some((each) => each.id === id))
      throw new UserError(`There is no silence ${id}`, "`npx rollcall silence --list` names all.");
    await this.amtool("silence", "expire", id);
  }

  private get(path: string): Promise<string> {
    return this.inside(...WGET, `${AT}${path}`);
  }

  private amtool(...words: readonly string[]): Promise<string> {
    return this.inside("/bin/amtool", `--alertmanager.url=${AT}`, ...words);
  }

  private async inside(...command: readonly string[]): Promise<string> {
    try {
      return (await this.runner("docker", ["exec", this.container, ...command], { timeoutSeconds: 20 })).stdout;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      throw new UserError(
        `Alertmanager does not answer: ${error.text.trim().split("\n").at(-1) ?? ""}`,
        "`npx rollcall status` shows whether it runs.",
      );
    }
  }
}
