import { inQuotes } from "../quoted.js";
import { posixFunctions } from "./posix.js";
import { flagsOf, type Placed } from "./words.js";

/** The script for zsh 5, with what each word does beside it. */
export function renderZsh(places: readonly Placed[], parts: readonly string[]): string {
  return `# rollcall in zsh: eval "$(rollcall completion zsh)" in ~/.zshrc.

${posixFunctions(places, parts)}
# What can follow a command, each with what it does: rc_commands and rc_options, as _describe takes them.
_rollcall_described() {
  rc_commands=() rc_options=()
  case $1 in
${places.map(describedCase).join("\n")}
  esac
}

_rollcall_offer_kind() {
  local rc_text
  case $1 in
    '') ;;
    file) _files ;;
    *)
      _rollcall_names "$1"
      compadd -- \${(f)rc_text}
      ;;
  esac
}

_rollcall_complete() {
  local rc_at rc_option rc_given rc_plain rc_names rc_flags rc_valued rc_takes rc_choices
  local -a rc_commands rc_options
  _rollcall_read "\${(@)words[2,CURRENT-1]}"
  _rollcall_described "$rc_at"
  if [[ -z $rc_plain && -z $rc_option && $PREFIX == --*=* ]]; then
    rc_option=\${PREFIX%%=*}
    compset -P '*='
  fi
  if [[ -n $rc_option ]]; then
    _rollcall_value "$rc_at" "$rc_option"
    if [[ -n $rc_choices ]]; then compadd -- \${(s: :)rc_choices}; fi
    _rollcall_offer_kind "$rc_takes"
  elif [[ -z $rc_plain && ( $PREFIX == -* || $rc_names$rc_takes == ' ' ) ]]; then
    _describe -o option rc_options
  elif [[ $rc_given == 0 ]]; then
    if [[ -z $rc_plain && $#rc_commands -gt 0 ]]; then _describe command rc_commands; fi
    _rollcall_offer_kind "$rc_takes"
  fi
}

if ! (( $+functions[compdef] )); then
  autoload -Uz compinit && compinit
fi
compdef _rollcall_complete rollcall
`;
}

function describedCase({ at, subcommands, options }: Placed): string {
  const commands = subcommands.map(({ name, summary }) => described(name, summary));
  const flags = options.flatMap((option) => flagsOf(option).map((flag) => described(flag, option.summary)));
  return `    ${inQuotes(at)}) rc_commands=(${commands.join(" ")}) rc_options=(${flags.join(" ")}) ;;`;
}

/** A colon ends the word. */
function described(word: string, summary: string): string {
  return inQuotes(`${word.replaceAll(":", "\\:")}:${summary}`);
}
