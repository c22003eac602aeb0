/**
 * A mistake or a circumstance that the user can fix. The verbs print its message and its
 * remedy, one line each and without a stack trace, and end with exit code 1.
 */
export class UserError extends Error {
  /**
   * @param message what is wrong, and where
   * @param remedy what to do about it, as a sentence; "" where the message already says it
   */
  constructor(
    message: string,
    readonly remedy: string = "",
  ) {
    super(message);
    this.name = "UserError";
  }
}
