import { type Argument, type CallExpression, type Expression, type Module, parseSync, type Statement } from "@swc/core";

const GROUP = "describe";
const TEST = "test";

/** A test, or a group of them, as its file names it. */
export interface Titled {
  readonly title: string;
  readonly tests: readonly Titled[];
}

/** The titles in the text of a test file, in its order. What a table fills in stays as it is written, e.g. `%s`. */
export function titlesOf(text: string): readonly Titled[] {
  const module: Module = parseSync(text, { syntax: "typescript", target: "es2022" });
  return module.body.flatMap((item) => (item.type === "ExpressionStatement" ? titled(item.expression) : []));
}

function titled(expression: Expression): readonly Titled[] {
  if (expression.type !== "CallExpression") return [];
  const kind = calleeName(expression);
  const title = literal(expression.arguments[0]?.expression);
  if (title === undefined || (kind !== GROUP && kind !== TEST)) return [];
  return [{ title, tests: kind === GROUP ? statementsIn(expression.arguments[1]).flatMap(inGroup) : [] }];
}

function inGroup(statement: Statement): readonly Titled[] {
  return statement.type === "ExpressionStatement" ? titled(statement.expression) : [];
}

/** `test` of `test(…)`, of `test.each(…)(…)` and of `` test.each`…`(…) ``. */
function calleeName({ callee }: CallExpression): string {
  if (callee.type === "Identifier") return callee.value;
  if (callee.type === "MemberExpression") return callee.object.type === "Identifier" ? callee.object.value : "";
  if (callee.type === "CallExpression") return calleeName(callee);
  return callee.type === "TaggedTemplateExpression" && callee.tag.type === "MemberExpression"
    ? nameOf(callee.tag.object)
    : "";
}

function nameOf(expression: Expression): string {
  return expression.type === "Identifier" ? expression.value : "";
}

function literal(expression: Expression | undefined): string | undefined {
  if (expression?.type === "StringLiteral") return expression.value;
  if (expression?.type !== "TemplateLiteral") return undefined;
  return expression.quasis.map(({ cooked, raw }) => cooked ?? raw).join("…");
}

function statementsIn(argument: Argument | undefined): readonly Statement[] {
  const body = argument?.expression;
  // swc calls it a block statement or a function's body, by version.
  if (body?.type === "ArrowFunctionExpression") return "stmts" in body.body ? body.body.stmts : [];
  return body?.type === "FunctionExpression" ? (body.body?.stmts ?? []) : [];
}
