/** A package source as apt is configured with it. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/**
 * Reads apt's configuration files, both forms: one line a source (`.list`) and paragraphs (`.sources`).
 * Sources that are switched off, source packages and flat repositories (a suite that ends in `/`) are left out.
 */
export function parseAptSources(files: readonly { readonly name: string; readonly text: string }[]): AptSource[] {
  return files
    .flatMap(({ name, text }) => (name.endsWith(".sources") ? parseParagraphs(text) : parseLines(text)))
    .filter(({ suite, components }) => !suite.endsWith("/") && components.length > 0);
}

/**
 * The source that a system of this release is installed from: the archive of the release itself, rather than its
 * updates, its backports or somebody else's packages.
 */
export function mainArchive(sources: readonly AptSource[], codename: string): AptSource | undefined {
  const archives = sources.filter(
    ({ suite, components }) => components.includes("main") && !/-(updates|security|backports|proposed)/.test(suite),
  );
  const exact = archives.filter(({ suite }) => suite === codename);
  const found = exact[0] ?? archives.find(({ suite }) => /^(stable|testing|unstable|sid|oldstable)$/.test(suite));
  if (found === undefined) return undefined;
  // Ubuntu's components may stand on lines of their own.
  const same = sources.filter(({ uri, suite }) => uri === found.uri && suite === found.suite);
  return { ...found, components: [...new Set(same.flatMap(({ components }) => components))] };
}

function parseLines(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const words = line
      .replace(/#.*/, "")
      .replace(/\[[^\]]*\]/, " ")
      .trim()
      .split(/\s+/);
    const [type, uri, suite, ...components] = words;
    return type === "deb" && uri !== undefined && suite !== undefined ? [{ uri, suite, components }] : [];
  });
}

function parseParagraphs(text: string): AptSource[] {
  const plain = text.replace(/^#.*\n?/gm, "");
  return plain.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = new Map<string, string[]>();
    // A line that begins with a blank goes on with the field above it.
    for (const field of paragraph.replace(/\n[ \t]+/g, " ").split("\n")) {
      const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(field) ?? [];
      if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value.trim().split(/\s+/));
    }
    const [uri] = fields.get("uris") ?? [];
    const off = /^(no|false|off|disable|0)$/i.test(fields.get("enabled")?.[0] ?? "yes");
    if (uri === undefined || off || !(fields.get("types") ?? []).includes("deb")) return [];
    return (fields.get("suites") ?? []).map((suite) => ({ uri, suite, components: fields.get("components") ?? [] }));
  });
}
