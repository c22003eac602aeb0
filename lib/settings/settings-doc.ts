import { type Declaration, declarationOf, GROUPS, isInFile, KEYS, OUTSIDE } from "./table.js";

const INTRODUCTION = `# Settings

<!-- Written by \`npm run generate\` from lib/settings/table.ts. -->

Every setting has a name in \`rollcall.yaml\` and an environment variable. The variable goes before the file, and the file
before the default. \`npx rollcall settings\` prints each value and where it is from. Two platforms on one Docker host need
different values where the table says **Own**.

## The file

\`rollcall.yaml\` is beside \`cdktf.json\` and may be committed. No setting is required, and the file may be missing.
\`npx rollcall settings --write\` writes one with the settings that are in effect.

\`\`\`yaml
# yaml-language-server: $schema=./rollcall.schema.json
consul:
  servers: 5
  datacenter: dc1
ports:
  http: 8600
  https: 8601
backup:
  recipients: [age1…]
  every: 6h
\`\`\`

With the first line, an editor with a YAML language server completes and checks the file. A mistake is refused before
anything changes: all mistakes at once, each with file, line and column.

- **Another file**: \`--config FILE\`, or \`ROLLCALL_CONFIG=FILE\`. A file that is named must be there. \`ROLLCALL_CONFIG=none\`
  reads no file.
- **Two files, two platforms**: another file than the project's \`rollcall.yaml\` must say \`state.folder\`, because the default
  one belongs to the platform of \`rollcall.yaml\`. It also needs its own prefix, ports and subnets. A state holds every secret:
  name the folder such that git ignores it. \`.gitignore\` ignores every folder named \`state\`, so \`folder: staging/state\` is
  ignored. The stacks are then synthesized into \`cdktf.out/NAME\` beside the state folder \`NAME\`.
- **Paths** in the file are relative to the file; in a variable, and defaults, to the project; on the command line to the
  folder in which you stand.
- **A variable** has a list with commas, \`on\` or \`off\`, and \`none\` for an empty list or text. An empty variable counts as
  not set. The file has YAML lists and \`true\` or \`false\`.
- **A setting of the last \`up\` that is missing**, in the file and in the environment, is refused
  ([operations](../operations.md#a-fresh-shell)).
- **A misspelt** name in the file or \`ROLLCALL_…\` variable is refused, with the nearest name.
`;

/** The text of docs/reference/settings.md: every setting, from the table. */
export function renderSettingsDoc(): string {
  const declared = KEYS.map(declarationOf);
  const inFile = declared.filter(isInFile);
  const groups = Object.entries(GROUPS).map(
    ([group, means]) =>
      `## ${group}\n\n${means}.\n\n${table(inFile.filter(({ name }) => name.startsWith(`${group}.`)))}`,
  );
  const single = table(inFile.filter(({ name }) => !name.includes(".")));
  const outside = OUTSIDE.map(({ variable, means }) => `| \`${variable}\` | none | ${means} |`);
  const variables = declared
    .filter((each) => !isInFile(each))
    .map((each) => `| \`${each.variable}\` | ${defaultOf(each)} | ${meaningOf(each)} |`);
  return [
    INTRODUCTION,
    `## catalog\n\n${single}`,
    ...groups,
    "## Variables alone\n\nThese belong to one run or one machine. The file refuses them.\n",
    ["| variable | default | means |", "|---|---|---|", ...variables, ...outside].join("\n"),
    "",
  ].join("\n");
}

function table(declarations: readonly Declaration[]): string {
  const rows = declarations.map(
    (each) => `| \`${each.name}\` | \`${each.variable}\` | ${defaultOf(each)} | ${meaningOf(each)} |`,
  );
  return ["| in the file | variable | default | means |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function defaultOf({ default: usual, defaultWords }: Declaration): string {
  return defaultWords ?? (usual === undefined ? "none" : `\`${usual}\``);
}

function meaningOf({ means, page, isOwn = false }: Declaration): string {
  const more = page === undefined ? "" : ` ([${page.replace(/\.md.*/, "")}](../${page}))`;
  return `${isOwn ? "**Own.** " : ""}${means}${more}`;
}
