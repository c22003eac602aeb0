import { NAMES_FOLDER } from "../known-names.js";
import { inQuotes } from "../quoted.js";
import { flagsOf, type OptionWords, type Placed } from "./words.js";

/** Where no project is: `EX_USAGE` of sysexits.h. */
export const NO_PROJECT = 64;

/** What the function `rollcall` says where no project is. */
export const NO_PROJECT_TEXT =
  "rollcall: there is no project with Rollcall here or in a folder above: go to your project, and run `npm install` there if you have not yet.";

/**
 * What bash and zsh have in common: the function `rollcall`, which runs the project's own program, and the functions that
 * say at which command the cursor is. Variables have names that neither shell uses for itself, and callers declare them.
 */
export function posixFunctions(places: readonly Placed[], parts: readonly string[]): string {
  return `# The nearest folder, from here upwards, that is a project with Rollcall in it. Sets rc_project.
_rollcall_project() {
  rc_project=$PWD
  while :; do
    if [ -f "$rc_project/cdktf.json" ]; then
      if [ -x "$rc_project/node_modules/.bin/rollcall" ] || [ -f "$rc_project/ops/run.mjs" ]; then return 0; fi
    fi
    case $rc_project in
      */*) rc_project=\${rc_project%/*} ;;
      *) return 1 ;;
    esac
  done
}

# Runs the program of the project around the current folder. Nothing is downloaded.
rollcall() {
  local rc_project
  if ! _rollcall_project; then
    printf '%s\\n' ${inQuotes(NO_PROJECT_TEXT)} >&2
    return ${NO_PROJECT}
  fi
  if [ -x "$rc_project/node_modules/.bin/rollcall" ]; then
    "$rc_project/node_modules/.bin/rollcall" "$@"
  else
    node "$rc_project/ops/run.mjs" "$@"
  fi
}

# What can follow a command: its subcommands, its options, those that take a value, and what its first word is.
_rollcall_words() {
  rc_names=' ' rc_flags=' ' rc_valued=' ' rc_takes=''
  case $1 in
${places.map(wordsCase).join("\n")}
  esac
}

# What the value of an option is: one of some choices, or what rc_takes says.
_rollcall_value() {
  rc_choices='' rc_takes=''
  case "$1 $2" in
${places.flatMap(valueCases).join("\n")}
  esac
}

# Reads the words before the one at the cursor. Sets rc_at, the command; rc_option, the option whose value is at the cursor;
# rc_given, how many words stand behind the command; rc_plain, where options have ended.
_rollcall_read() {
  local rc_word
  rc_at='' rc_option='' rc_given=0 rc_plain=''
  _rollcall_words ''
  for rc_word in "$@"; do
    if [ -n "$rc_plain" ]; then
      rc_given=$((rc_given + 1))
      continue
    fi
    # bash divides --format=github at the =.
    if [ "$rc_word" = '=' ]; then continue; fi
    if [ -n "$rc_option" ]; then
      rc_option=''
      continue
    fi
    case $rc_word in
      --) rc_plain=1 ;;
      -*)
        case $rc_valued in
          *" $rc_word "*) rc_option=$rc_word ;;
        esac
        ;;
      *)
        case $rc_names in
          *" $rc_word "*)
            rc_at="\${rc_at:+$rc_at }$rc_word"
            _rollcall_words "$rc_at"
            ;;
          *) rc_given=$((rc_given + 1)) ;;
        esac
        ;;
    esac
  done
}

# The names of a kind, a line each. They are in files that \`catalog lint\` and \`up\` write: no program is started. Sets rc_text.
_rollcall_names() {
  local rc_project rc_parts=''
  if [ "$1" = part ]; then rc_parts=${inQuotes(
    parts
      .map(
        (part) => `${part}
`,
      )
      .join(""),
  )}; fi
  rc_text=''
  if _rollcall_project; then
    case $1 in
      team) rc_project=$rc_project/${NAMES_FOLDER}/teams ;;
      *) rc_project=$rc_project/${NAMES_FOLDER}/services ;;
    esac
    if [ -r "$rc_project" ]; then IFS= read -r -d '' rc_text <"$rc_project"; fi
  fi
  # What is no name is put on no command line, and with it nothing of the file.
  case $rc_text in
    *[!a-z0-9_$'\\n'-]*) rc_text='' ;;
  esac
  rc_text=$rc_parts$rc_text
}
`;
}

function wordsCase({ at, subcommands, options, takes }: Placed): string {
  const all = options.flatMap(flagsOf);
  const valued = options.filter(({ takesValue }) => takesValue).flatMap(flagsOf);
  const [names, flags, needing] = [subcommands.map(({ name }) => name), all, valued].map(listed);
  return `    ${inQuotes(at)}) rc_names=${names} rc_flags=${flags} rc_valued=${needing} rc_takes=${inQuotes(takes ?? "")} ;;`;
}

function valueCases({ at, options }: Placed): readonly string[] {
  return options.flatMap((option) => {
    const { choices = [], takes } = option;
    if (!option.takesValue || (choices.length === 0 && takes === undefined)) return [];
    return [
      `    ${patternOf(at, option)}) rc_choices=${inQuotes(choices.join(" "))} rc_takes=${inQuotes(takes ?? "")} ;;`,
    ];
  });
}

function patternOf(at: string, option: OptionWords): string {
  return flagsOf(option)
    .map((flag) => inQuotes(`${at} ${flag}`))
    .join(" | ");
}

/** Between spaces, so that a word is found whole. */
function listed(words: readonly string[]): string {
  return inQuotes(words.length === 0 ? " " : ` ${words.join(" ")} `);
}
