/** Something that an operator should know of, and what to do about it. */
export interface Trouble {
  /** What is wrong, and where. */
  readonly what: string;
  readonly remedy: string;
  /** True for what will be wrong one day and is not now. @default false */
  readonly isNote?: boolean;
  /** True for what may be over in a minute by itself, as where something has just started. @default false */
  readonly mayPass?: boolean;
}

/** The remedy of most: `up` puts back whatever differs from what is declared. */
export const UP = "`npm run up` puts it back.";

/** Whether all is well: notes are not wrong. */
export function isWell(troubles: readonly Trouble[]): boolean {
  return troubles.every(({ isNote }) => isNote === true);
}
