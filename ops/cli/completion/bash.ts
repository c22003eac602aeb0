import { posixFunctions } from "./posix.js";
import type { Placed } from "./words.js";

/** The script for bash 4 and newer; it needs no bash-completion. */
export function renderBash(places: readonly Placed[], parts: readonly string[]): string {
  return `# rollcall in bash: eval "$(rollcall completion bash)", or put this file where your shell reads it.

${posixFunctions(places, parts)}
# A word that begins as what was typed. No \`compgen -W\`, which would run what stands in a name.
_rollcall_offer() {
  if [[ $1 == "$rc_typed"* ]]; then COMPREPLY+=("$rc_before$1"); fi
}

_rollcall_offer_kind() {
  local rc_file rc_text
  case $1 in
    '') ;;
    file)
      compopt -o filenames 2>/dev/null
      while IFS= read -r rc_file; do COMPREPLY+=("$rc_before$rc_file"); done < <(compgen -f -- "$rc_typed")
      ;;
    *)
      _rollcall_names "$1"
      for rc_each in $rc_text; do
        if [[ $rc_each == "$rc_typed"* ]]; then COMPREPLY+=("$rc_before$rc_each"); fi
      done
      ;;
  esac
}

_rollcall_complete() {
  local IFS=$' \\t\\n' rc_typed=\${COMP_WORDS[COMP_CWORD]} rc_before='' rc_each
  local rc_at rc_option rc_given rc_plain rc_names rc_flags rc_valued rc_takes rc_choices
  COMPREPLY=()
  _rollcall_read "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  if [[ $rc_typed == = ]]; then rc_typed=''; fi
  if [[ -z $rc_plain && -z $rc_option && $rc_typed == --*=* ]]; then
    rc_option=\${rc_typed%%=*} rc_before=\${rc_typed%%=*}= rc_typed=\${rc_typed#*=}
  fi
  if [[ -n $rc_option ]]; then
    _rollcall_value "$rc_at" "$rc_option"
    for rc_each in $rc_choices; do _rollcall_offer "$rc_each"; done
    _rollcall_offer_kind "$rc_takes"
  elif [[ -z $rc_plain && ( $rc_typed == -* || $rc_names$rc_takes == ' ' ) ]]; then
    for rc_each in $rc_flags; do _rollcall_offer "$rc_each"; done
  elif [[ $rc_given == 0 ]]; then
    if [[ -z $rc_plain ]]; then for rc_each in $rc_names; do _rollcall_offer "$rc_each"; done; fi
    _rollcall_offer_kind "$rc_takes"
  fi
}

complete -F _rollcall_complete rollcall
`;
}
