import { ROLLCALL } from "../../../../ops/cli/commands/all.js";
import { commandWords, optionWords } from "../../../../ops/cli/completion/from-program.js";
import { renderCompletion } from "../../../../ops/cli/completion/render.js";
import { SHELLS } from "../../../../ops/cli/completion/shells.js";
import { partNames } from "../../../../ops/platform/parts.js";

const commands = ROLLCALL.commands.map(commandWords);
const named = (name: string) => commands.find((each) => each.name === name);

test("every verb is completed, with its commands, options and choices", () => {
  expect(commands.map(({ name }) => name)).toEqual(ROLLCALL.commands.map((command) => command.name()));
  expect(named("catalog")?.subcommands?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["lint", "list", "show", "render"]),
  );
  expect(named("diff")?.options).toContainEqual({
    ...{ long: "format", short: undefined, takesValue: true, takes: undefined, summary: "how to print it" },
    choices: ["text", "markdown", "json"],
  });
  expect(named("down")?.options.map(({ long, short, takesValue }) => [long, short, takesValue])).toContainEqual([
    "yes",
    "y",
    false,
  ]);
});

test("a word is completed by what its declaration calls it", () => {
  expect(named("logs")?.takes).toBe("part");
  expect(named("restore")?.takes).toBe("file");
  expect(named("token")?.takes).toBeUndefined();
  const [service] = named("add")?.subcommands ?? [];
  expect(service?.options.find(({ long }) => long === "team")?.takes).toBe("team");
  expect(named("catalog")?.subcommands?.find(({ name }) => name === "show")?.takes).toBe("service");
});

test("what every verb takes is completed once, at the top", () => {
  expect(ROLLCALL.options.map(optionWords).map(({ long }) => long)).toEqual(["config", "quiet", "color", "no-color"]);
  expect(named("status")?.options.map(({ long }) => long)).toEqual(["json"]);
});

test("parts are named as `logs` names them", () => {
  expect(partNames()).toEqual(expect.arrayContaining(["server-1", "agent", "registrar", "gateway", "backup"]));
});

test.each(SHELLS)("the script for %s can be made of the whole program", (shell) => {
  const script = renderCompletion(shell, commands, { options: ROLLCALL.options.map(optionWords), parts: partNames() });
  expect(script).toContain("rotate");
});
