import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeOfFile } from "./names.js";

/** What the agent must still be told of a service: to register it, to deregister it first, or to deregister it alone. */
export type Order = {
  readonly what: "+" | "!" | "-";
  readonly file: string;
  /** Why, for the log. */
  readonly why: string;
};

const DONE = "=";

/**
 * What the agent must still be told, written down before it is: a crash at any point is mended at the next start. A line an
 * order (`+` TAB file TAB why), and a line for what is done (`=` TAB id).
 */
export class Journal {
  private readonly path: string;
  private readonly open = new Map<string, Order>();

  /** Reads what the last run has left. */
  constructor(keep: string, prefix: string) {
    this.path = join(keep, "untold");
    // A line that is not whole was never acted upon.
    const lines = existsSync(this.path) ? readFileSync(this.path, "utf8").split("\n").slice(0, -1) : [];
    for (const line of lines) {
      const [what = "", file = "", why = ""] = line.split("\t");
      if (what === DONE) this.open.delete(file);
      const id = placeOfFile(prefix, file)?.id;
      if (id !== undefined && (what === "+" || what === "!" || what === "-")) this.open.set(id, { what, file, why });
    }
    this.rewrite();
  }

  get orders(): ReadonlyMap<string, Order> {
    return this.open;
  }

  /** Adds orders, one a service. What the agent may still have in another shape is deregistered before it is registered. */
  add(orders: ReadonlyMap<string, Order>): void {
    if (orders.size === 0) return;
    const added = [...orders].map(([id, order]) => {
      const before = this.open.get(id)?.what;
      return [
        id,
        before !== undefined && before !== "+" && order.what === "+" ? { ...order, what: "!" as const } : order,
      ] as const;
    });
    appendFileSync(this.path, added.map(([, order]) => lineOf(order)).join(""), { mode: 0o640 });
    for (const [id, order] of added) this.open.set(id, order);
  }

  /** Notes that the agent knows. */
  close(id: string): void {
    this.open.delete(id);
    if (this.open.size === 0) this.rewrite();
    else appendFileSync(this.path, `${DONE}\t${id}\n`);
  }

  private rewrite(): void {
    writeFileSync(`${this.path}.new`, [...this.open.values()].map(lineOf).join(""), { mode: 0o640 });
    renameSync(`${this.path}.new`, this.path);
  }
}

function lineOf({ what, file, why }: Order): string {
  return `${what}\t${file}\t${why}\n`;
}
