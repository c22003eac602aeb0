import { NAMES_FOLDER } from "../known-names.js";
import { NO_PROJECT, NO_PROJECT_TEXT } from "./posix.js";
import { flagsOf, type Placed } from "./words.js";

/** The script for fish 3, with what each word does beside it. */
export function renderFish(places: readonly Placed[], parts: readonly string[]): string {
  return `# rollcall in fish: rollcall completion fish >~/.config/fish/conf.d/rollcall.fish

# The nearest folder, from here upwards, that is a project with Rollcall in it.
function __rollcall_project
    set -l folder $PWD
    while true
        if test -f $folder/cdktf.json
            if test -x $folder/node_modules/.bin/rollcall; or test -f $folder/ops/run.mjs
                echo $folder
                return 0
            end
        end
        if test -z "$folder"; or test $folder = /
            return 1
        end
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
end

function rollcall --description 'The program of the project around the current folder'
    set -l project (__rollcall_project)
    if test -z "$project"
        echo ${quotedFish(NO_PROJECT_TEXT)} >&2
        return ${NO_PROJECT}
    end
    if test -x $project/node_modules/.bin/rollcall
        $project/node_modules/.bin/rollcall $argv
    else
        node $project/ops/run.mjs $argv
    end
end

# What can follow a command: a line a word, with what it does behind a tab.
function __rollcall_names
    switch $argv[1]
${places
  .map((place) =>
    linesCase(
      place.at,
      place.subcommands.map(({ name, summary }) => [name, summary]),
    ),
  )
  .join("\n")}
    end
end

function __rollcall_flags
    switch $argv[1]
${places
  .map((place) =>
    linesCase(
      place.at,
      flagLines(place, () => true),
    ),
  )
  .join("\n")}
    end
end

function __rollcall_valued
    switch $argv[1]
${places
  .map((place) =>
    linesCase(
      place.at,
      flagLines(place, ({ takesValue }) => takesValue),
    ),
  )
  .join("\n")}
    end
end

# What the first word of a command is.
function __rollcall_takes
    switch $argv[1]
${places.flatMap(({ at, takes }) => (takes === undefined ? [] : [`        case ${quotedFish(at)}\n            echo ${takes}`])).join("\n")}
    end
end

function __rollcall_value
    switch "$argv[1] $argv[2]"
${places.flatMap(valueCases).join("\n")}
    end
end

# The names are in files that \`catalog lint\` and \`up\` write: no program is started.
function __rollcall_kind
    set -l project (__rollcall_project)
    set -l file $project/${NAMES_FOLDER}/services
    switch "$argv[1]"
        case ''
            return
        case file
            __fish_complete_path (commandline -ct)
            return
        case team
            set file $project/${NAMES_FOLDER}/teams
        case part
            printf '%s\\n'${parts.map((part) => ` ${quotedFish(part)}`).join("")}
    end
    if test -r $file
        string match -- '*' <$file
    end
end

function __rollcall_complete
    set -l at ''
    set -l option ''
    set -l given 0
    set -l plain ''
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    for word in $before[2..-1]
        if test -n "$plain"
            set given (math $given + 1)
        else if test -n "$option"
            set option ''
        else if test "$word" = --
            set plain 1
        else if string match -q -- '-*' $word
            if string match -q -- "$word"\\t'*' (__rollcall_valued $at)
                set option $word
            end
        else if string match -q -- "$word"\\t'*' (__rollcall_names $at)
            set at (string trim -- "$at $word")
        else
            set given (math $given + 1)
        end
    end
    set -l takes (__rollcall_takes $at)
    set -l names (__rollcall_names $at)
    if test -z "$plain$option"; and string match -q -- '--*=*' $typed
        set option (string split -m1 = -- $typed)[1]
        # fish compares with the whole word.
        set -l prefix $option=
        for each in (__rollcall_value $at $option)
            echo $prefix$each
        end
    else if test -n "$option"
        __rollcall_value $at $option
    else if test -z "$plain"; and begin
            string match -q -- '-*' $typed; or test -z "$takes$names"
        end
        __rollcall_flags $at
    else if test $given -eq 0
        if test -z "$plain"
            string join \\n -- $names
        end
        __rollcall_kind "$takes"
    end
end

complete -c rollcall -e
complete -c rollcall -f -a '(__rollcall_complete)'
`;
}

function quotedFish(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function linesCase(at: string, lines: readonly (readonly [word: string, summary: string])[]): string {
  if (lines.length === 0) return `        case ${quotedFish(at)}`;
  const pairs = lines.map(([word, summary]) => `${quotedFish(word)} ${quotedFish(summary)}`);
  return `        case ${quotedFish(at)}\n            printf '%s\\t%s\\n' ${pairs.join(" ")}`;
}

function flagLines({ options }: Placed, which: (option: Placed["options"][number]) => boolean) {
  return options
    .filter(which)
    .flatMap((option) => flagsOf(option).map((flag): readonly [string, string] => [flag, option.summary]));
}

function valueCases({ at, options }: Placed): readonly string[] {
  return options.flatMap((option) => {
    const { takesValue, choices = [], takes } = option;
    if (!takesValue || (choices.length === 0 && takes === undefined)) return [];
    const patterns = flagsOf(option).map((flag) => quotedFish(`${at} ${flag}`));
    const lines = [
      ...(choices.length === 0 ? [] : [`printf '%s\\n' ${choices.map(quotedFish).join(" ")}`]),
      ...(takes === undefined ? [] : [`__rollcall_kind ${takes}`]),
    ];
    return [`        case ${patterns.join(" ")}\n${lines.map((line) => `            ${line}`).join("\n")}`];
  });
}
