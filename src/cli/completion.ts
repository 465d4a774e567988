import { Argument, type Command } from "commander";
import { type Streams, writeText } from "./streams.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** A command as a shell completes it: its words so far, and what may follow. */
type Entry = {
  /** "deadletter list"; empty for the program itself. */
  readonly path: string;
  /** Commands, arguments and options that may follow. */
  readonly words: readonly { readonly word: string; readonly summary: string }[];
  /** What may follow an option; an option without a list takes anything, files too. */
  readonly values: readonly { readonly option: string; readonly choices: readonly string[] | undefined }[];
};

/** Adds `completion`. */
export function registerCompletion(program: Command, streams: Streams = process): void {
  program
    .command("completion")
    .summary("a script that lets your shell complete commands and options")
    .description(
      "Prints the script that lets your shell complete this program's commands and options.\n" +
        "Exit code: 0, or 2 for an unknown shell.",
    )
    .addArgument(new Argument("<SHELL>", "the shell").choices(SHELLS))
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ npx eventhub-intake completion bash >> ~/.bashrc\n" +
        "  $ npx eventhub-intake completion zsh >> ~/.zshrc\n" +
        "  $ npx eventhub-intake completion fish > ~/.config/fish/completions/eventhub-intake.fish\n",
    )
    .action(async (shell: Shell) => {
      const script = shell === "fish" ? fishScript : shell === "zsh" ? zshScript : bashScript;
      await writeText(streams.stdout, script(program.name(), entriesOf(program)));
    });
}

function entriesOf(command: Command, path = ""): readonly Entry[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((below) => below.name() !== "help");
  const options = help.visibleOptions(command);
  const words = [
    ...commands.map((below) => ({ word: below.name(), summary: below.summary() || below.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, summary: description })),
    ),
    ...options.map((option) => ({ word: option.long ?? option.flags, summary: option.description })),
  ].map(({ word, summary }) => ({ word, summary: summary.split("\n")[0] ?? "" }));
  const values = options
    .filter((option) => option.required || option.optional)
    .map((option) => ({ option: option.long ?? option.flags, choices: option.argChoices }));
  return [
    { path, words, values },
    ...commands.flatMap((below) => entriesOf(below, `${path} ${below.name()}`.trim())),
  ];
}

/** Finds the command that was typed, whatever stands between its words, and offers what may follow. */
function bashScript(name: string, entries: readonly Entry[]): string {
  const wordsOf = (entry: Entry) => entry.words.map(({ word }) => word).join(" ");
  return `# bash completion of ${name}
_${functionOf(name)}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
${entries
  .filter(({ path }) => path !== "")
  .map(({ path }) => `      '${path}') path='${path}' ;;`)
  .join("\n")}
    esac
  done
  case "$path $previous" in
${entries.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${entries.map((entry) => `    '${entry.path}') COMPREPLY=($(compgen -W '${wordsOf(entry)}' -- "$current")) ;;`).join("\n")}
  esac
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _${functionOf(name)} ${name}
`;
}

function valueCases({ path, values }: Entry): readonly string[] {
  return values.map(({ option, choices }) => {
    const source = choices === undefined ? "-f" : `-W '${choices.join(" ")}'`;
    return `    '${path} ${option}') COMPREPLY=($(compgen ${source} -- "$current")); return ;;`;
  });
}

/** zsh runs bash's function. */
function zshScript(name: string, entries: readonly Entry[]): string {
  return `autoload -U +X compinit && compinit
autoload -U +X bashcompinit && bashcompinit
${bashScript(name, entries)}`;
}

function fishScript(name: string, entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ path, words, values }) => {
    const condition = path === "" ? "__fish_use_subcommand" : conditionOf(path, entries);
    return words.map(({ word, summary }) => {
      const what = word.startsWith("--") ? `-l ${word.slice(2)}${valueFlags(word, values)}` : `-f -a ${word}`;
      return `complete -c ${name} -n '${condition}' ${what} -d '${summary.replaceAll(/['\\]/g, "\\$&")}'`;
    });
  });
  return `# fish completion of ${name}\n${lines.join("\n")}\n`;
}

/** True where the command was typed and none of those below it. */
function conditionOf(path: string, entries: readonly Entry[]): string {
  const seen = path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = entries.filter((entry) => entry.path.startsWith(`${path} `)).map((entry) => entry.path);
  const others = below.map((longer) => longer.slice(path.length + 1)).join(" ");
  return [...seen, ...(others === "" ? [] : [`not __fish_seen_subcommand_from ${others}`])].join("; and ");
}

function valueFlags(word: string, values: Entry["values"]): string {
  const found = values.find(({ option }) => option === word);
  if (found === undefined) {
    return "";
  }
  return found.choices === undefined ? " -r -F" : ` -x -a '${found.choices.join(" ")}'`;
}

function functionOf(name: string): string {
  return name.replaceAll(/\W/g, "_");
}
