import setup from "../e2e/support/global-setup";
import teardown from "../e2e/support/global-teardown";
import { npm, platform } from "../e2e/support/platform";

/** As for the end-to-end tests, and the platform is up: each file here can be run by itself. */
export default async function setUp(): Promise<void> {
  await setup();
  if (platform().keep === true) return;
  const { code, stderr } = await npm("up");
  if (code === 0) return;
  // Jest runs no teardown after a setup that failed.
  await teardown();
  throw new Error(`the platform under test did not come up:\n${stderr}`);
}
