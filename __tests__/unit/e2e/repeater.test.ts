import { Repeater } from "../../e2e/support/poll.js";

describe("what looks once an hour, stopped at once", () => {
  let looks = 0;
  const hourly = () =>
    new Repeater(1 / 3600, 1, async () => {
      looks += 1;
      return looks;
    });

  beforeEach(() => {
    looks = 0;
  });

  test("has seen nothing", async () => {
    expect(await hourly().stop()).toEqual([]);
  });

  test("has seen how it is now where it is told to look once more", async () => {
    expect((await hourly().stop(true)).map(({ value }) => value)).toEqual([1]);
  });
});
