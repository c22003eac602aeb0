import { type DockerObject, type Kind, removals } from "../../../../ops/docker/docker-host.js";

const found = (kind: Kind, name: string, state = ""): DockerObject => ({
  kind,
  id: name,
  name,
  instance: "",
  stack: "",
  state,
});

const calls = (things: readonly DockerObject[]) => removals(things).map((call) => call.map(({ name }) => name));

test("containers that stand in a network, or may at any moment, are removed one after the other, all others at once", () => {
  const states = ["running", "created", "restarting", "exited", "paused", "dead"];
  expect(calls(states.map((state) => found("container", state, state)))).toEqual([
    ["running"],
    ["restarting"],
    ["paused"],
    ["created", "exited", "dead"],
  ]);
});

test("volumes and networks are removed at once, and for nothing Docker is not called", () => {
  expect(calls([found("volume", "one"), found("volume", "two")])).toEqual([["one", "two"]]);
  expect(calls([found("network", "one"), found("network", "two")])).toEqual([["one", "two"]]);
  expect(calls([])).toEqual([]);
});
