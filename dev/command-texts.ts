import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { pathsOf } from "../ops/cli/program.js";

/** docs/reference/cli.md: every verb as its `--help` prints it. */
export function renderReference(program: CommandUnknownOpts): string {
  const sections = pathsOf(program).map(
    ([path, command]) =>
      `## ${path === "" ? program.name() : path}\n\n\`\`\`text\n${command.helpInformation().trimEnd()}\n\`\`\`\n`,
  );
  return `# The command line

<!-- Made by \`npm run generate\` from ops/cli/commands. -->

In the project's folder and below it: \`npx rollcall VERB\`. Use \`npx --no rollcall\` in scripts: it never downloads
anything. Exit codes: 0 all is well, 1 something is wrong, 2 there are changes (\`diff\`, \`drift\`), 64 called wrongly.
Results go to standard output, progress and errors to standard error.

${sections.join("\n")}`;
}

/** What one command says and takes before any package is installed. */
interface CommandText {
  /** What `--help` prints. */
  readonly help: string;
  /** The long names of its options. */
  readonly options: readonly string[];
}

/** By the command's path, such as `catalog lint`; of all verbs under "". */
type Texts = Readonly<Record<string, CommandText>>;

/** The texts of every command, as `run.mjs` prints them by itself. */
export function textsOf(program: CommandUnknownOpts): Texts {
  return Object.fromEntries(
    pathsOf(program).map(([path, command]) => [
      path,
      {
        help: command.helpInformation().trimEnd(),
        options: command.options.flatMap(({ long }) => (long === undefined ? [] : [long.slice(2)])),
      },
    ]),
  );
}
