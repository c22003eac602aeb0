import type { DockerObject } from "../../../../ops/docker/docker-host.js";
import { isStopped, startOrder, stopOrder } from "../../../../ops/platform/running-order.js";

const PREFIX = "st-";
const container = (name: string, state = "running"): DockerObject => ({
  ...{ kind: "container", id: name, name: PREFIX + name, instance: "st-1", state },
  stack: name.startsWith("isa-") ? "workloads" : (/^consul-(server-\d+)/.exec(name)?.[1] ?? "registry"),
});
const CARRIERS = [
  "consul-server-1-config",
  "consul-server-1-tokens-secrets",
  "consul-ui-servers",
  "consul-agent-shared-programs-0123456789ab",
].map((name) => container(name, "created"));
const platform = (state = "running"): readonly DockerObject[] => [
  ...["consul-ui", "isa-billing", "consul-server-1", "consul-registrar", "consul-server-10", "consul-server-2"].map(
    (name) => container(name, state),
  ),
  ...["consul-agent-shared", "consul-prober", "consul-legacy", "consul-backup", "consul-monitor"].map((name) =>
    container(name, state),
  ),
  ...CARRIERS,
  { ...container("consul-server-1-data", ""), kind: "volume" },
];
const names = (steps: ReturnType<typeof stopOrder>) =>
  steps.map(({ containers }) => containers.map(({ name }) => name.slice(PREFIX.length)));

test("the monitor and the registrar stop before what they watch, the gateway before the agent, and the servers last", () => {
  expect(names(stopOrder(platform()))).toEqual([
    ["consul-backup", "consul-monitor", "consul-registrar"],
    ["consul-legacy", "consul-ui"],
    ["consul-agent-shared"],
    ["consul-prober", "isa-billing"],
    ["consul-server-1", "consul-server-2", "consul-server-10"],
  ]);
});

test("the server that leads is the last to stop; where nobody is known to lead, the last number is", () => {
  const servers = (leader?: string) => names(stopOrder(platform(), leader)).at(-1);
  expect(servers(`${PREFIX}consul-server-1`)).toEqual(["consul-server-2", "consul-server-10", "consul-server-1"]);
  expect(servers(undefined)).toEqual(["consul-server-1", "consul-server-2", "consul-server-10"]);
});

test("a start takes the steps the other way round", () => {
  expect(names(startOrder(platform()))).toEqual([...names(stopOrder(platform()))].reverse());
});

test("a server gets more time to end than anything else", () => {
  const grace = stopOrder(platform()).map(({ graceSeconds }) => graceSeconds);
  expect(Math.max(...grace.slice(0, -1))).toBeLessThan(grace.at(-1) ?? 0);
});

test("a stand-in whose name ends as a part's does is stopped with the services", () => {
  const named = { ...container("isa-consul-ui"), stack: "workloads" };
  expect(names(stopOrder([named, container("consul-ui")]))).toEqual([["consul-ui"], ["isa-consul-ui"]]);
});

test("carriers, volumes and networks are neither stopped nor started", () => {
  const others = platform().filter(({ kind, state }) => kind === "volume" || state === "created");
  expect(others).toHaveLength(5);
  expect(stopOrder(others)).toEqual([]);
});

test("a platform is stopped where every container of it that should run has ended, and not where one runs", () => {
  expect(isStopped(platform("exited"))).toBe(true);
  expect(isStopped([...platform("exited"), container("isa-order")])).toBe(false);
  expect(isStopped(platform())).toBe(false);
  expect(isStopped(platform("paused"))).toBe(false);
});

test("a platform whose containers are gone, or were never all started, is not stopped", () => {
  expect(isStopped([])).toBe(false);
  expect(isStopped(CARRIERS)).toBe(false);
  expect(isStopped([container("isa-billing", "exited")])).toBe(false);
  expect(isStopped([...platform("exited"), container("isa-order", "created")])).toBe(false);
});
