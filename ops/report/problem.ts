/** A problem that an operator should know of, and its remedy. (In JSON the field is `troubles`.) */
export interface Problem {
  /** What is wrong, and where. */
  readonly what: string;
  readonly remedy: string;
  /** True if it is not wrong yet. @default false */
  readonly isNote?: boolean;
  /** True if it may pass by itself within a minute, such as while a container starts. @default false */
  readonly mayPass?: boolean;
}

/** The most common remedy: `up` restores what differs from the declaration. */
export const UP = "`npx rollcall up` puts it back.";

/** Whether nothing is wrong; notes do not count. */
export function isWell(problems: readonly Problem[]): boolean {
  return problems.every(({ isNote }) => isNote === true);
}
