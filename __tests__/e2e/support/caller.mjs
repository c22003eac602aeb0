// An application that calls others: does what its one argument says, and prints what came of it as JSON.
import { lookup, Resolver } from "node:dns/promises";
import { createDiscovery, STRATEGIES } from "/app/discovery/index.js";

const discovery = createDiscovery();
const acts = {
  /** Which instance answered how many of 60 calls, by strategy. */
  async call(service) {
    const counts = {};
    for (const strategy of Object.keys(STRATEGIES)) {
      counts[strategy] = {};
      for (let n = 0; n < 60; n++) {
        const answer = await discovery.fetch(service, "/", { pick: { strategy, key: `user-${n}` } });
        const host = await answer.text();
        counts[strategy][host] = (counts[strategy][host] ?? 0) + 1;
      }
    }
    return counts;
  },
  async register(service) {
    try {
      await discovery.register({ name: service, port: 1 });
      return "registered";
    } catch (error) {
      return `${error.code}: ${error.message}`;
    }
  },
  /** The addresses that Consul's DNS gives for a name. */
  async resolve(name) {
    const resolver = new Resolver();
    const { address } = await lookup("consul-agent-shared");
    resolver.setServers([`${address}:8600`]);
    return resolver.resolveSrv(name);
  },
};
const [act, argument] = process.argv.slice(2);
console.log(JSON.stringify(await acts[act](argument)));
await discovery.close();
