import type { Load } from "../endpoint.js";
import { InvalidOption } from "../errors.js";
import { anObject, mustFit, number, shapeOf, share } from "../shape.js";
import type { Strategy, StrategyTools } from "../strategy.js";
import { PowerOfTwo } from "./p2c.js";

/** When the own region is enough. */
export interface RegionOptions {
  /** Fewest healthy instances in the own region. @default 1 */
  readonly minHealthy?: number;
  /** Least share of the own region's instances that must be healthy, so that the rest is not overrun. @default 0.5 */
  readonly minShare?: number;
  /** Chooses among those that remain. @default p2c */
  readonly inner?: Strategy;
}

const OPTIONS = shapeOf<RegionOptions>({ minHealthy: number(), minShare: share, inner: anObject });

/**
 * Instances of the own region (Meta `region`) alone, while enough of them are healthy; else those of all regions. The
 * choice among them is another strategy's.
 */
export class RegionBased implements Strategy {
  readonly name = "region-based";
  private readonly region: string;
  private readonly minHealthy: number;
  private readonly minShare: number;
  private readonly inner: Strategy;

  /** @throws InvalidOption where the own region is not known, or an option is none */
  constructor(tools: StrategyTools, options: RegionOptions = {}) {
    mustFit("region-based", options, OPTIONS);
    const { minHealthy = 1, minShare = 0.5, inner = new PowerOfTwo(tools) } = options;
    if (tools.region === undefined)
      throw new InvalidOption("region-based does not know its own region", "Set SERVICE_REGION or the option region.");
    this.region = tools.region;
    this.minHealthy = minHealthy;
    this.minShare = minShare;
    this.inner = inner;
  }

  update(candidates: readonly Load[], all: readonly Load[]): void {
    const isNear = ({ instance }: Load) => instance.meta.region === this.region;
    const near = candidates.filter(isNear);
    const wanted = Math.max(this.minHealthy, this.minShare * all.filter(isNear).length);
    const chosen = near.length > 0 && near.length >= wanted ? near : candidates;
    this.inner.update(chosen, all);
  }

  pick(key: string): Load | undefined {
    return this.inner.pick(key);
  }
}
