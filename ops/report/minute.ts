/** A time to the minute, for people: `2026-12-01 10:00 UTC`. @param time ISO 8601, UTC */
export function minuteOf(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}
