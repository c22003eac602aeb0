import { readChecks, readNames, readRegistered } from "../../../../programs/monitor/seen.js";

const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const check = {
  ...{
    Node: "a",
    CheckID: "billing:http",
    Name: "http",
    Status: "critical",
    Notes: "asks /health",
    Output: "no answer",
  },
  ...{ ServiceID: "billing-1", ServiceName: "billing", ServiceTags: [], Definition: {}, CreateIndex: 1 },
};

test("a check has the words of its output, and one of maintenance mode the reason that somebody gave", () => {
  const maintenance = { ...check, CheckID: "_service_maintenance:billing-1", Notes: "new disk", Output: "" };
  expect(readChecks(body([check, maintenance])).map(({ check: name, output }) => [name, output])).toEqual([
    ["billing:http", "no answer"],
    ["_service_maintenance:billing-1", "new disk"],
  ]);
  expect(readChecks(body([check]))).toEqual([
    { node: "a", check: "billing:http", id: "billing-1", service: "billing", status: "critical", output: "no answer" },
  ]);
});

test("a node that is gone has no service", () => {
  expect(readRegistered(body(null)).size).toBe(0);
  expect(readRegistered(body({ Node: {}, Services: null })).size).toBe(0);
  expect([...readRegistered(body({ Node: {}, Services: [{ ID: "billing-1", Service: "billing" }] }))]).toEqual([
    ["billing-1", "billing"],
  ]);
});

test("services are told by their names, whatever their tags", () => {
  expect(readNames(body({ consul: [], billing: ["v1"] }))).toEqual(["consul", "billing"]);
});
