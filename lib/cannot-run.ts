import type { CommandFailed } from "./process.js";
import { settingName } from "./settings.js";
import { UserError } from "./user-error.js";

/** How to get the programs that people miss. */
const INSTALL: Readonly<Record<string, string>> = {
  docker: "Install Docker Engine or Docker Desktop, and run it again.",
  git: "Install git, and run it again.",
  npm: "Install npm, which comes with Node, and run it again.",
  npx: "Install npm, which comes with Node, and run it again.",
  terraform: "Install Terraform 1.5 or newer, or OpenTofu, and set ROLLCALL_TERRAFORM=tofu for that.",
};

/**
 * Why a program could not even be started, with what to do; undefined where it ran. The one place for it: what it was
 * to do is not to blame. Pure.
 * @param remedy what to do where it is not installed. @default - how to install it
 */
export function cannotRun(
  { command, reason }: Pick<CommandFailed, "command" | "reason">,
  remedy = "",
): UserError | undefined {
  const name = command.split(" ")[0] ?? command;
  if (reason === "missing")
    return new UserError(
      `${name === "docker" ? "Docker" : name} is not installed`,
      remedy || (INSTALL[name] ?? `Install ${name}, or put it on your PATH, and run it again.`),
    );
  if (reason === "forbidden")
    return new UserError(
      `${name} cannot be run: what is found under that name is not a program, or you are not permitted to run it`,
      `Look at \`ls -l "$(command -v ${name})"\`; \`chmod +x\` makes a program of it.`,
    );
  return undefined;
}

/** The same for the program that `ROLLCALL_TERRAFORM` names. */
export function cannotRunTerraform(
  error: Pick<CommandFailed, "command" | "reason">,
  program: string,
): UserError | undefined {
  const other = `${settingName("terraform")} names ${program}: install it, correct the setting, or leave it out to use Terraform.`;
  return cannotRun({ command: program, reason: error.reason }, program === "terraform" ? "" : other);
}
