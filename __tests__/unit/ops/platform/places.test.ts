import type { DockerObject } from "../../../../ops/docker/docker-host.js";
import { appliedLayout, sharedLayout } from "../../../../ops/platform/places/layout.js";
import { commandOf, misplaced } from "../../../../ops/platform/places/misplaced.js";
import type { Endpoint, Host, Place } from "../../../../ops/platform/places/place.js";
import { ordered } from "../../../../ops/platform/places/repair-places.js";
import { judgeStanding } from "../../../../ops/platform/places/standing.js";
import { doubles, expel, sharedHosts, squatters } from "../../../../ops/platform/places/strangers.js";
import { refuseStrangers } from "../../../../ops/platform/preflight.js";

const OURS = "rollcall-1";
const [CONTROL, PLATFORM] = ["rollcall-control", "rollcall-platform"];
const AGENT = "consul-agent-shared";
const place = (container: string, network: string, more: Partial<Place> = {}): Place => ({
  ...{ container, network, stack: "registry", address: "", aliases: [container] },
  ...more,
});
const places: readonly Place[] = [
  place("consul-server-3", CONTROL, {
    ...{ stack: "server-3", address: "172.30.241.13", aliases: ["consul-server-3", "staging-consul"] },
  }),
  place(AGENT, CONTROL, { address: "172.30.241.20" }),
  place(AGENT, PLATFORM),
  place("isa-billing", PLATFORM, { stack: "workloads" }),
];
const endpoint = (container: string, network: string, more: Partial<Endpoint> = {}): Endpoint => ({
  ...{
    network,
    id: container,
    container,
    instance: OURS,
    isRunning: true,
    isStale: false,
    isGone: false,
    address: "172.30.242.130",
  },
  names: [container],
  ...more,
});
const server = endpoint("consul-server-3", CONTROL, {
  ...{ address: "172.30.241.13", names: ["consul-server-3", "staging-consul", "ac8d8b0123"] },
});
const asDeclared: readonly Endpoint[] = [
  server,
  endpoint(AGENT, CONTROL, { address: "172.30.241.20" }),
  endpoint(AGENT, PLATFORM),
  endpoint("isa-billing", PLATFORM),
];
const container = (name: string, instance = OURS): DockerObject => ({
  ...{ kind: "container", id: name, name, instance, stack: "", state: "running" },
});
const host = (endpoints: readonly Endpoint[], networks: readonly string[] = [CONTROL, PLATFORM]): Host => ({
  networks,
  containers: [container("consul-server-3"), container(AGENT), container("isa-billing"), container("impostor", "")],
  endpoints,
});
const without = (lost: Endpoint, ...more: readonly Endpoint[]) => [
  ...asDeclared.filter(({ container, network }) => container !== lost.container || network !== lost.network),
  ...more,
];
const impostor = (more: Partial<Endpoint>) => endpoint("impostor", PLATFORM, { instance: "", ...more });
const found = (endpoints: readonly Endpoint[], networks?: readonly string[]) =>
  misplaced(places, host(endpoints, networks), OURS, [CONTROL, PLATFORM]).map((each) => [
    `${each.container} is ${each.fault}`,
    commandOf(each),
  ]);

describe("the platform's own containers", () => {
  test("are well where they stand as declared, and may stand in other people's networks besides", () => {
    expect(found([...asDeclared, endpoint("isa-billing", "somebody-elses")])).toEqual([]);
  });

  test("one that is cut off is told, with the command that connects it under its address and names", () => {
    expect(found(without(endpoint(AGENT, PLATFORM)))).toEqual([
      [
        "consul-agent-shared is cut off from rollcall-platform",
        "docker network connect --alias consul-agent-shared rollcall-platform consul-agent-shared",
      ],
    ]);
    expect(found(without(server))).toEqual([
      [
        "consul-server-3 is cut off from rollcall-control",
        "docker network connect --ip 172.30.241.13 --alias consul-server-3 --alias staging-consul rollcall-control consul-server-3",
      ],
    ]);
  });

  test("of a network that is gone nobody is cut off: Terraform makes it", () => {
    expect(found(without(endpoint(AGENT, PLATFORM)), [CONTROL])).toEqual([]);
  });

  test.each<readonly [string, Endpoint, string]>([
    [
      "at another address",
      { ...server, address: "172.30.241.99" },
      "at 172.30.241.99 in rollcall-control, where the others know it by 172.30.241.13",
    ],
    ["in a network that was recreated", { ...server, isStale: true }, "in an earlier rollcall-control, which is gone"],
    [
      "without an alias",
      { ...server, names: ["consul-server-3"] },
      "without the name staging-consul in rollcall-control",
    ],
    [
      "under another one's name",
      endpoint("isa-billing", PLATFORM, { names: ["isa-billing", AGENT] }),
      "under another one's name in rollcall-platform, consul-agent-shared",
    ],
    [
      "at another one's address",
      endpoint("isa-billing", PLATFORM, { address: "172.30.242.9" }),
      "at 172.30.242.9 in rollcall-platform, the address of fixed",
    ],
  ])("one that stands %s is told", (_, wrong, fault) => {
    const more = [...places, place("fixed", PLATFORM, { address: "172.30.242.9" })];
    const [told] = misplaced(more, host(without(wrong, wrong)), OURS, [CONTROL, PLATFORM]);
    expect(told).toMatchObject({ container: wrong.container, fault });
    expect(commandOf(told ?? { calls: [] })).toMatch(
      new RegExp(`^docker network disconnect ${wrong.network} ${wrong.container} && docker network connect `),
    );
  });

  test("one that was put into the other network of the platform is told, and leaves it", () => {
    expect(found([...asDeclared, endpoint("consul-server-3", PLATFORM)])).toEqual([
      [
        "consul-server-3 is attached to rollcall-platform, where it does not belong",
        "docker network disconnect rollcall-platform consul-server-3",
      ],
    ]);
  });

  test("all leave before any comes back: one may have the address of another", () => {
    const swapped = [
      { ...server, address: "172.30.241.20" },
      endpoint(AGENT, CONTROL, { address: "172.30.241.13" }),
      ...asDeclared.slice(2),
    ];
    const calls = ordered(misplaced(places, host(swapped), OURS, [CONTROL, PLATFORM]));
    expect(calls.map(([, verb, ...rest]) => `${verb} ${rest.at(-1)}`)).toEqual([
      "disconnect consul-server-3",
      `disconnect ${AGENT}`,
      "connect consul-server-3",
      `connect ${AGENT}`,
    ]);
  });
});

describe("where containers must stand", () => {
  const state = (network: string) =>
    JSON.stringify({
      resources: [
        { type: "docker_network", instances: [{ attributes: { name: CONTROL } }] },
        {
          type: "docker_container",
          instances: [
            { attributes: { name: "carrier", networks_advanced: null } },
            {
              attributes: {
                name: AGENT,
                networks_advanced: [
                  { name: CONTROL, aliases: [AGENT], ipv4_address: "172.30.241.20" },
                  { name: network, aliases: null, ipv4_address: "" },
                ],
              },
            },
          ],
        },
      ],
    });
  const applied = appliedLayout(new Map([["registry", state(PLATFORM)]]));

  test("is in the states, as it was applied", () => {
    expect(applied).toEqual({
      networks: [CONTROL],
      places: [place(AGENT, CONTROL, { address: "172.30.241.20" }), place(AGENT, PLATFORM, { aliases: [] })],
    });
  });

  test("is left to Terraform before an apply that changes it, a container at a time", () => {
    expect(sharedLayout(applied, { places, networks: [] }).places).toEqual(applied.places);
    const joined = { places: [...places, place(AGENT, "compose", { aliases: [] })], networks: [] };
    expect(sharedLayout(applied, joined).places).toEqual([]);
    const moved = places.map((each) => (each.address === "" ? each : { ...each, address: "172.30.241.21" }));
    expect(sharedLayout(applied, { places: moved, networks: [] }).places).toEqual([]);
  });
});

describe("other containers", () => {
  test("may stand in the platform's networks under names and addresses of their own", () => {
    const neighbour = host([...asDeclared, impostor({ network: CONTROL, address: "172.30.241.130" })]);
    expect([squatters(places, neighbour, OURS), doubles(places, neighbour, OURS)]).toEqual([[], []]);
  });

  test("one at a fixed address is told and refused, with the command that takes it away", () => {
    const stray = impostor({ network: CONTROL, address: "172.30.241.13" });
    const squatting = squatters(places, host(without(server, stray)), OURS);
    expect(squatting).toMatchObject([{ container: "impostor", of: "consul-server-3" }]);
    expect(judgeStanding({ misplaced: [], squatting, doubling: [], shared: [] })).toEqual([
      {
        what: "impostor has the address 172.30.241.13 in rollcall-control, which is consul-server-3's",
        remedy: "`docker network disconnect rollcall-control impostor`, then `npx rollcall up`.",
      },
    ]);
    expect(() => refuseStrangers({ squatting, doubling: [] })).toThrow(
      "The container impostor has the address 172.30.241.13 on the network rollcall-control, which is consul-server-3's",
    );
  });

  test("what Docker kept of a container that is gone is taken away by force", () => {
    const kept = impostor({ network: CONTROL, address: "172.30.241.13", isGone: true, isRunning: false, names: [] });
    const [told] = squatters(places, host(without(server, kept)), OURS);
    expect(told === undefined ? "" : expel(told)).toBe("docker network disconnect --force rollcall-control impostor");
    expect(() => refuseStrangers({ squatting: told === undefined ? [] : [told], doubling: [] })).toThrow(
      "Docker kept for the container impostor, which is gone, the address 172.30.241.13",
    );
  });

  test("one under the name of a part is told and refused: applications would give it their tokens", () => {
    const doubling = doubles(places, host([...asDeclared, impostor({ names: ["impostor", AGENT] })]), OURS);
    expect(doubling).toMatchObject([{ container: "impostor", of: AGENT, isPart: true, has: [AGENT] }]);
    expect(() => refuseStrangers({ squatting: [], doubling })).toThrow(
      "The container impostor answers to consul-agent-shared on the network rollcall-platform, as the platform would",
    );
  });

  test("one under a stand-in's name is told and not refused, in whatever case it says that", () => {
    const doubling = doubles(places, host([...asDeclared, impostor({ names: ["impostor", "isa-billing"] })]), OURS);
    expect(doubling).toMatchObject([{ of: "isa-billing", isPart: false }]);
    expect(() => refuseStrangers({ squatting: [], doubling })).not.toThrow();
    expect(judgeStanding({ misplaced: [], squatting: [], doubling, shared: [] })).toEqual([
      {
        what: "impostor answers to isa-billing in rollcall-platform, as isa-billing does: callers reach either",
        remedy: "`docker network disconnect rollcall-platform impostor`, or stop it.",
      },
    ]);
    const upper = [place("ISA-Vault", PLATFORM, { stack: "workloads" })];
    expect(doubles(upper, host([impostor({ names: ["isa-vault"] })]), OURS)).toHaveLength(1);
  });

  test("a server of ours that is not asked for any more is no stranger: it answers to the servers' name until it goes", () => {
    const going = endpoint("consul-server-4", CONTROL, { address: "172.30.241.14", names: ["staging-consul"] });
    expect(doubles(places, host([...asDeclared, going]), OURS)).toEqual([]);
  });

  test("one that is stopped answers to nothing", () => {
    const stopped = impostor({ names: [AGENT], isRunning: false });
    expect(doubles(places, host([...asDeclared, stopped]), OURS)).toEqual([]);
  });

  test("several that stand for a service where there is no stand-in are noted: they may be replicas", () => {
    const real = ["real-1", "real-2"].map((name) => endpoint(name, PLATFORM, { instance: "", names: ["isa-vault"] }));
    const shared = sharedHosts(["isa-vault", "isa-billing"], places, host([...asDeclared, ...real]), AGENT);
    expect(shared).toEqual([{ host: "isa-vault", containers: ["real-1", "real-2"] }]);
    expect(judgeStanding({ misplaced: [], squatting: [], doubling: [], shared })).toMatchObject([{ isNote: true }]);
    expect(sharedHosts(["isa-vault"], places, host([...asDeclared, ...real.slice(1)]), AGENT)).toEqual([]);
  });

  test("a stand-in and a real one in another network of the agent's are noted", () => {
    const joined = [...places, place(AGENT, "compose", { aliases: [] })];
    const real = endpoint("real", "compose", { instance: "", names: ["isa-billing"] });
    expect(sharedHosts(["isa-billing"], joined, host([...asDeclared, real]), AGENT)).toEqual([
      { host: "isa-billing", containers: ["isa-billing", "real"] },
    ]);
  });
});
