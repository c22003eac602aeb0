/**
 * Whether a version is meant by a wish: `1.4.2` is itself, `1.4` every `1.4.x`, `^1.4.2` the same major version and not
 * older (below 1.0.0: the same minor version, as npm reads it). A leading `v` is overlooked.
 * @param version what the instance says of itself; undefined where it says nothing, which no wish means
 */
export function satisfies(version: string | undefined, wish: string): boolean {
  if (version === undefined) return false;
  const has = parts(version);
  if (!wish.startsWith("^")) return parts(wish).every((part, index) => has[index] === part);
  const wants = parts(wish.slice(1));
  const fixed = wants[0] === "0" && wants.length > 1 ? 2 : 1;
  return wants.slice(0, fixed).every((part, index) => has[index] === part) && compare(has, wants) >= 0;
}

function parts(version: string): readonly string[] {
  return version.trim().replace(/^v/, "").split(/[.+-]/).filter(Boolean);
}

function compare(one: readonly string[], other: readonly string[]): number {
  for (let index = 0; index < other.length; index++) {
    const difference = Number(one[index] ?? 0) - Number(other[index] ?? 0);
    if (difference !== 0) return Number.isNaN(difference) ? 0 : difference;
  }
  return 0;
}
