import { definitionOf } from "../../../../programs/registrar/files.js";
import { planOf } from "../../../../programs/registrar/plan.js";
import { registrationOf } from "../../../../programs/registrar/registration.js";

const check = {
  id: "billing:http",
  name: "HTTP GET /health",
  http: "http://isa-billing:8216/health",
  method: "GET",
  interval: "10s",
  timeout: "5s",
  deregister_critical_service_after: "90s",
};
const billing = {
  id: "billing",
  name: "billing",
  address: "isa-billing",
  port: 8216,
  tags: ["v1"],
  meta: { team: "user-platform", a_b: "c_d" },
  checks: [check],
};
const place = { team: "t", name: "billing", id: "billing", key: "catalog/t/billing", file: "t.billing" };
const target = (definition: object) => ({ place, text: JSON.stringify(definition) });
const placed = (definition: object, status = "passing") => ({
  ...target(definition),
  statuses: new Map([[check.id, status]]),
});

/** What is ordered for a change of what is in place, and what its check counts as then. */
function change(after: object, before: object = billing): readonly (string | undefined)[] {
  const { order, statuses } = planOf(placed(before), target(after));
  return [order.what, order.why, ...statuses.values()];
}

test("a new service's checks are critical until they have passed", () => {
  const { order, statuses } = planOf(undefined, target(billing));
  expect([order, [...statuses]]).toEqual([
    { what: "+", file: "t.billing", why: "new" },
    [["billing:http", "critical"]],
  ]);
});

test("what moves to another team is deregistered first, and nothing is known of it", () => {
  const elsewhere = { ...target(billing), place: { ...place, team: "z", file: "z.billing" } };
  const { order, statuses } = planOf(placed(billing), elsewhere);
  expect([order, [...statuses.values()]]).toEqual([{ what: "!", file: "z.billing", why: "moved" }, ["critical"]]);
});

test.each<[string, object, readonly string[]]>([
  ["a tag", { tags: ["v2"] }, ["+", "changed", "passing"]],
  ["the port", { port: 9 }, ["!", "moved", "critical"]],
  ["the address", { address: "elsewhere" }, ["!", "moved", "critical"]],
])("after a change of %s", (_what, fields, outcome) => {
  expect(change({ ...billing, ...fields })).toEqual(outcome);
});

test.each<[string, object, readonly string[]]>([
  ["name and interval", { name: "other", interval: "20s" }, ["+", "changed", "passing"]],
  ["address", { http: "http://isa-billing:8216/ready" }, ["!", "moved", "critical"]],
  ["method", { method: "HEAD" }, ["!", "moved", "critical"]],
  // The same is asked of the same place: its next attempt judges by the new rule, and nobody flaps before that.
  ["redirects", { disable_redirects: true }, ["+", "changed", "passing"]],
  ["answer's size", { output_max_size: 1 }, ["+", "changed", "passing"]],
  // The agent replaces the checks of a service: nothing of the earlier one stays.
  ["id", { id: "billing:ready" }, ["+", "changed", "critical"]],
])("after a change of the check's %s", (_what, fields, outcome) => {
  expect(change({ ...billing, checks: [{ ...check, ...fields }] })).toEqual(outcome);
});

test("of two checks the one that asks the same keeps what is known of it", () => {
  const second = { ...check, id: "billing:second" };
  const before = {
    ...placed({ ...billing, checks: [check, second] }),
    statuses: new Map([
      ["billing:http", "warning"],
      ["billing:second", "passing"],
    ]),
  };
  const { order, statuses } = planOf(before, target({ ...billing, checks: [check, { ...second, method: "HEAD" }] }));
  expect([order.what, ...statuses.values()]).toEqual(["!", "warning", "critical"]);
});

describe("what the agent is told", () => {
  const told = (definition: object, isHurried = false) =>
    JSON.parse(registrationOf(JSON.stringify(definition), new Map([["billing:http", "passing"]]), isHurried));

  test("has every field of a check under the API's name, for which capitals do not matter, and the status that is known", () => {
    const grpc = {
      id: "billing:grpc",
      grpc: "isa-billing:8216",
      grpc_use_tls: true,
      tls_server_name: "x",
      interval: "1s",
    };
    const strict = {
      ...check,
      header: { "X-A_b": ["a_b"] },
      disable_redirects: true,
      output_max_size: 1,
      failures_before_critical: 2,
    };
    const { id: _, deregister_critical_service_after: after, ...rest } = check;
    expect(told({ ...billing, weights: { passing: 2, warning: 1 }, checks: [strict, grpc] })).toEqual({
      ...{ ...billing, weights: { passing: 2, warning: 1 } },
      checks: [
        {
          ...{ ...rest, CheckID: check.id, header: { "X-A_b": ["a_b"] }, disableredirects: true, outputmaxsize: 1 },
          ...{ failuresbeforecritical: 2, deregistercriticalserviceafter: after, status: "passing" },
        },
        {
          ...{
            CheckID: "billing:grpc",
            grpc: "isa-billing:8216",
            grpcusetls: true,
            tlsservername: "x",
            interval: "1s",
          },
          status: "critical",
        },
      ],
    });
  });

  test("of what is hurried has checks that are made within a second, and are otherwise as they are declared", () => {
    const often = { ...check, success_before_passing: 3 };
    const { checks } = told({ ...billing, checks: [often, { id: "billing:ttl", ttl: "60s" }] }, true);
    expect(checks).toMatchObject([{ interval: "1s", timeout: "5s", successbeforepassing: 3 }, { ttl: "60s" }]);
    expect(checks[1]).not.toHaveProperty("interval");
    expect(definitionOf(JSON.stringify(billing)).checks[0]?.interval).toBe("10s");
  });
});
