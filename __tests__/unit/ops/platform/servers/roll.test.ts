import { nextOf, type RollStep, type StepEffect, sorted } from "../../../../../ops/platform/servers/roll.js";
import type { ServerContainer } from "../../../../../ops/platform/servers/server-containers.js";

type Condition = ServerContainer["condition"];

function step(number: number, effect: StepEffect, condition?: Condition): RollStep {
  const name = `consul-server-${number}`;
  const container = { number, id: "", name, node: name, restarts: 0 };
  return {
    stack: {
      name: `server-${number}`,
      folder: "",
      dependencies: [],
      names: { container: [], network: [], volume: [] },
      places: [],
    },
    effect,
    container: condition === undefined ? undefined : { ...container, condition },
  };
}

const names = (steps: readonly RollStep[]) => steps.map(({ stack }) => stack.name);

describe("a roll", () => {
  test("begins with what is missing, ill or down, and leaves what does not change", () => {
    const steps = [
      step(1, "server", "healthy"),
      step(2, "server", "sick"),
      step(3, "nothing", "healthy"),
      step(4, "server"),
      step(5, "server", "down"),
    ];
    const { unchanged, first, running } = sorted(steps);
    expect([names(unchanged), names(first), names(running)]).toEqual([
      ["server-3"],
      ["server-2", "server-4", "server-5"],
      ["server-1"],
    ]);
  });

  test("waits for no quorum where a server runs on and something beside it changes", () => {
    expect(names(sorted([step(1, "beside", "healthy")]).first)).toEqual(["server-1"]);
  });

  test("takes the leader last", () => {
    const waiting = [step(1, "server", "healthy"), step(2, "server", "healthy")];
    expect(nextOf(waiting, "consul-server-1")?.stack.name).toBe("server-2");
    expect(nextOf(waiting, "consul-server-3")?.stack.name).toBe("server-1");
    expect(nextOf(waiting.slice(0, 1), "consul-server-1")?.stack.name).toBe("server-1");
  });
});
