import { ConsulClient } from "../../ops/consul-client";

const check = { Node: "consul-agent-shared", ServiceID: "x", Status: "critical", Type: "http", Output: "refused" };

test("a check's output is what it said; of maintenance mode it is that, its reason and what ends it", async () => {
  const checks = [
    { ...check, CheckID: "x:http", Notes: "" },
    { ...check, CheckID: "_node_maintenance", ServiceID: "", Notes: "new disk", Output: "" },
    { ...check, CheckID: "_service_maintenance:x", Notes: "new disk", Output: "" },
  ];
  const outputs = (await new ConsulClient(async () => checks).checks()).map(({ output }) => output);
  expect(outputs).toEqual([
    "refused",
    "consul-agent-shared is in maintenance mode (new disk); `consul maint -disable` there, with a token, ends it",
    "consul-agent-shared is in maintenance mode (new disk); `consul maint -disable -service=x` there, with a token, ends it",
  ]);
});
