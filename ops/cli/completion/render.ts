import { renderBash } from "./bash.js";
import { renderFish } from "./fish.js";
import type { Shell } from "./shells.js";
import { type CommandWords, type OptionWords, placed } from "./words.js";
import { renderZsh } from "./zsh.js";

/** What is not a command's own. */
export interface CompletionContext {
  /** The options of the program itself, such as `--help`. @default - none */
  readonly options?: readonly OptionWords[];
  /** The parts of the platform that a word of the kind `part` can name, besides the services. @default - none */
  readonly parts?: readonly string[];
}

/**
 * The script that completes `rollcall` in a shell, and defines `rollcall` there as what runs the project's own program.
 * It starts no program at a TAB: the names of services and teams come from the files of `writeKnownNames`. Pure.
 * @throws Error for a word of a command that a shell would read as something else
 */
export function renderCompletion(
  shell: Shell,
  commands: readonly CommandWords[],
  { options = [], parts = [] }: CompletionContext = {},
): string {
  const places = placed(commands, options);
  switch (shell) {
    case "bash":
      return renderBash(places, parts);
    case "zsh":
      return renderZsh(places, parts);
    case "fish":
      return renderFish(places, parts);
  }
}
