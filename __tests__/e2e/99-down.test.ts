import { existsSync } from "node:fs";
import { join } from "node:path";
import { inTime, inventory, npm, platform } from "./support/platform";

describe("npm run down", () => {
  test("leaves containers, volumes and networks as they were before up, unnamed volumes included", async () => {
    const { code, stderr, seconds } = await npm("down", ["--yes"]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(await inventory()).toEqual(platform().before);
    inTime("down", seconds, 40);
  });

  test("forgets the state and every secret in it", () => {
    expect(existsSync(join(platform().folder, "state"))).toBe(false);
  });

  test("a second one finds nothing to do", async () => {
    expect(await npm("down", ["--yes"])).toMatchObject({ code: 0 });
  });
});
