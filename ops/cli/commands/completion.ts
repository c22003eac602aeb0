import { Argument } from "@commander-js/extra-typings";
import { SHELLS } from "../completion/shells.js";
import { exits, verb } from "../verb.js";

export const completion = verb(
  "completion",
  "Print the script that completes `rollcall` in a shell (docs/completion.md)",
)
  .addArgument(new Argument("<shell>", "your shell").choices(SHELLS))
  .action(
    exits(async (shell, _options, command) =>
      (await import("../../verbs/completion.js")).completion(shell, command.parent ?? command),
    ),
  );
