import { isDuration, seconds } from "../fields.js";

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** The seconds of a duration as Go prints it, such as `1m0s`, `1.5s` or `500ms`; undefined for none and for zero. */
function goSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h))+$/.test(text.slice(0, 60))) return undefined;
  const parts = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)];
  const sum = parts.reduce((total, [, number, unit = ""]) => total + Number(number) * (UNITS[unit] ?? 0), 0);
  return sum > 0 ? sum : undefined;
}

/** The times of a check as a catalog takes them: whole seconds, and a timeout no longer than the interval. */
export function timesOf(interval: string, timeout: string) {
  const [every, within] = [goSeconds(interval), goSeconds(timeout)];
  const notes: string[] = [];
  const written = every === undefined ? "10s" : wholeSeconds(interval, every);
  if (every === undefined) notes.push("Consul does not tell how often it is checked: 10s is written here");
  else if (written !== interval) notes.push(`it is checked every ${interval}, which is written as ${written}`);
  // Consul's default, and never longer than the interval.
  const most = seconds(written);
  const asked = within === undefined ? (most < 10 ? written : "10s") : wholeSeconds(timeout, within);
  if (seconds(asked) > most)
    notes.push(`its check's timeout is ${timeout}, longer than the interval: ${written} is written here`);
  else if (within !== undefined && asked !== timeout)
    notes.push(`its check's timeout is ${timeout}, which is written as ${asked}`);
  return { times: { interval: written, timeout: seconds(asked) > most ? written : asked }, notes };
}

function wholeSeconds(text: string, length: number): string {
  return isDuration(text) && length >= 1 ? text : `${Math.ceil(length)}s`;
}
