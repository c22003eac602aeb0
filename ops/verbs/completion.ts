import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { commandWords, optionWords } from "../cli/completion/from-program.js";
import { renderCompletion } from "../cli/completion/render.js";
import type { Shell } from "../cli/completion/shells.js";
import { partNames } from "../platform/parts.js";

/**
 * `rollcall completion SHELL`: prints the script, which is the same in every project of this version.
 * @param program the declaration of the whole executable
 */
export async function completion(shell: Shell, program: CommandUnknownOpts): Promise<number> {
  const options = program.options.map(optionWords);
  console.log(renderCompletion(shell, program.commands.map(commandWords), { options, parts: partNames() }));
  return 0;
}
