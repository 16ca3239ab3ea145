/** From the option table to a parsed call: commander does the splitting, the help and the guessing of
 * misspelt names; what it says becomes our errors. */

import { Argument, Command, CommanderError, Option } from "commander";
import { GalateaError } from "../../src/core/base/index.ts";
import { type CommandSpec, helpOf, type OptionSpec, parseOption, valueWhenAbsent } from "./option-spec.ts";
import { type CommandName, commandGroups, commands } from "./options.ts";

/** A command line that was understood. */
export interface ParsedCall {
  readonly command: CommandName;
  readonly arguments: Readonly<Record<string, string | undefined>>;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A command line that asks for a text: help or version. */
export interface ParsedText {
  readonly text: string;
  /** Whether it was asked for; otherwise the help stands in for a missing command. */
  readonly asked: boolean;
}

function optionFor(spec: OptionSpec): Option {
  const flags = spec.type === "switch" ? spec.flag : `${spec.flag} <${spec.value}>`;
  const option = new Option(flags, helpOf(spec));
  if (spec.type !== "switch") option.argParser((text, before) => parseOption(spec, text, before));
  return option;
}

function addCommand(parent: Command, name: string, spec: CommandSpec, found: (call: ParsedCall) => void): void {
  const command = parent
    .command(name)
    .summary(spec.summary)
    .description(`${capital(spec.summary)}.`);
  for (const { name: argument, description, required } of spec.arguments) {
    command.addArgument(new Argument(required ? `<${argument}>` : `[${argument}]`, description));
  }
  const options = spec.options.map((optionSpec) => ({ spec: optionSpec, option: optionFor(optionSpec) }));
  for (const { option } of options) command.addOption(option);
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join("\n")}`);
  command.action(() => {
    const given = command.opts<Record<string, unknown>>();
    found({
      command: spec.name as CommandName,
      arguments: Object.fromEntries(
        spec.arguments.map((argument, at) => [argument.name, command.args[at] as string | undefined]),
      ),
      options: Object.fromEntries(
        options.map(({ spec: { name: key }, spec: optionSpec, option }) => [
          key,
          given[option.attributeName()] ?? valueWhenAbsent(optionSpec),
        ]),
      ),
    });
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Commander's own message as one line of ours: `unknown option '--stesp'; did you mean --steps?` */
function usageError(error: CommanderError, words: readonly string[]): GalateaError {
  const [what, guess] = error.message.replace(/^error: /, "").split("\n");
  const right = guess
    ? guess.replace(/^\(Did you mean/, "did you mean").replace(/\)$/, "")
    : `see galatea ${commandOf(words)}--help`;
  return new GalateaError("usage", "", what.replace(/\.$/, ""), right);
}

/** `train ` where that is what the words start with. */
function commandOf(words: readonly string[]): string {
  const found = commands.find(({ name }) => `${words.join(" ")} `.startsWith(`${name} `));
  return found === undefined ? "" : `${found.name} `;
}

/**
 * Parses the words after `galatea`.
 * @param columns width of the help
 * @throws GalateaError `usage` naming the nearest command or option, or a value's range.
 */
export function parseCommandLine(words: readonly string[], version: string, columns: number): ParsedCall | ParsedText {
  const calls: ParsedCall[] = [];
  let text = "";
  const collect = (part: string): void => {
    text += part;
  };
  const program = new Command("galatea")
    .description("Train, sample and judge generative models.")
    .version(version, "--version", "print the version")
    .option("--debug", "show where an error comes from")
    .helpOption("-h, --help", "show help")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: collect,
      writeErr: collect,
      outputError: () => undefined,
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    })
    .exitOverride();
  const groups = new Map<string, Command>();
  for (const spec of commands) {
    const [first, second] = spec.name.split(" ");
    if (second === undefined) {
      addCommand(program, first, spec, (call) => calls.push(call));
      continue;
    }
    const group = groups.get(first) ?? program.command(first).description(capital(`${commandGroups[first]}.`));
    groups.set(first, group.summary(commandGroups[first]));
    addCommand(group, second, spec, (call) => calls.push(call));
  }
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.help") return { text, asked: words.includes("help") };
    if (error.exitCode === 0) return { text, asked: true };
    throw usageError(error, words);
  }
  return calls[0];
}
