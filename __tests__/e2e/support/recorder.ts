import { setTimeout as sleep } from "node:timers/promises";
import { RECORDED_STEP } from "../../../dev/rules/recorded.js";
import { FOREIGN_METRICS } from "../../../lib/monitoring/foreign-metrics.js";
import { METRICS } from "../../../lib/monitoring/metrics.js";
import { JOB, SERVER_JOB } from "../../../lib/monitoring/promql.js";
import { COMMON_RULES } from "../../../lib/monitoring/rules.js";
import { SERVERS } from "./cluster.js";
import { consulMetrics } from "./monitor.js";
import { docker, nameOf } from "./platform.js";

/** Who is scraped, with the labels that Prometheus gives to all that comes from there. */
interface Target {
  readonly labels: string;
  readonly scrape: () => Promise<string>;
}

const RULES = JSON.stringify(COMMON_RULES);
/** Of what the platform exports, what a rule asks for. */
const WANTED = new Set(
  [...Object.values(METRICS).map(({ name }) => name), ...FOREIGN_METRICS.consul].filter((name) => RULES.includes(name)),
);
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/** What Prometheus would scrape of the platform, as the exported configuration says, a scrape every five seconds. */
export class Recorder {
  private readonly samples = new Map<string, (number | undefined)[]>();
  private scrapes = 0;
  private isEnded = false;
  private readonly running: Promise<void>;

  private constructor(private readonly targets: readonly Target[]) {
    this.running = this.run();
  }

  /** @param token `rollcall token metrics` */
  static start(token: string): Recorder {
    const servers = SERVERS.map((server) => ({
      labels: `job="${SERVER_JOB}",server="${server}",instance="${server}:8501"`,
      scrape: () => consulMetrics(nameOf(server), token),
    }));
    const programs = [["consul-monitor", 9182] as const, ["consul-registrar", 9181] as const].map(([name, port]) => ({
      labels: `job="${JOB}",instance="${name}:${port}"`,
      scrape: () =>
        docker("exec", nameOf(name), "busybox", "wget", "-q", "-O", "-", `http://127.0.0.1:${port}/metrics`),
    }));
    return new Recorder([...servers, ...programs]);
  }

  /** The seconds from the first scrape to the last one. */
  get at(): number {
    return Math.max(0, this.scrapes - 1) * RECORDED_STEP;
  }

  /** Waits for so many more seconds of it. */
  async go(seconds: number): Promise<void> {
    const until = this.at + seconds;
    while (this.at < until) await sleep(200);
  }

  /** Ends it. @returns each series, its values in promtool's words */
  async stop(): Promise<Readonly<Record<string, string>>> {
    this.isEnded = true;
    await this.running;
    return Object.fromEntries([...this.samples].sort().map(([series, values]) => [series, written(values)]));
  }

  private async run(): Promise<void> {
    const begun = Date.now();
    while (!this.isEnded) {
      const texts = await Promise.all(this.targets.map(({ scrape }) => scrape().catch(() => undefined)));
      for (const [index, { labels }] of this.targets.entries()) this.take(labels, texts[index]);
      this.scrapes += 1;
      for (const values of this.samples.values()) while (values.length < this.scrapes) values.push(undefined);
      await sleep(Math.max(0, begun + this.scrapes * RECORDED_STEP * 1000 - Date.now()));
    }
  }

  private take(labels: string, text: string | undefined): void {
    this.note(`up{${labels}}`, text === undefined ? 0 : 1);
    for (const line of text?.split("\n") ?? []) {
      const [, name = "", own = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (WANTED.has(name)) this.note(`${name}{${own === "" ? "" : `${own},`}${labels}}`, Number(value));
    }
  }

  private note(series: string, value: number): void {
    const values = this.samples.get(series) ?? [];
    while (values.length < this.scrapes) values.push(undefined);
    this.samples.set(series, [...values, value]);
  }
}

/** What is no longer scraped is stale at once, as Prometheus marks it. */
function written(values: readonly (number | undefined)[]): string {
  const runs: { readonly word: string; count: number }[] = [];
  for (const [index, value] of values.entries()) {
    const isGone = value === undefined && index > 0 && values[index - 1] !== undefined;
    const word = isGone ? "stale" : value === undefined ? "_" : String(value);
    const last = runs.at(-1);
    if (last !== undefined && last.word === word && word !== "stale") last.count += 1;
    else runs.push({ word, count: 1 });
  }
  return runs.map(({ word, count }) => (count === 1 ? word : several(word, count))).join(" ");
}

/** promtool takes no `NaNx3`. */
function several(word: string, count: number): string {
  if (word === "_") return `_x${count}`;
  return `${word}${word === "NaN" ? "+0" : ""}x${count - 1}`;
}
