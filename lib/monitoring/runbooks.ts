/** Where the alerts' runbooks are, if nobody says another address. */
export const RUNBOOKS = "docs/runbooks.md";
