/** A condition that can't be read, and where. */
export class ConditionError extends Error {
  /** The index of the character at which it can't be read. */
  readonly position: number;

  /**
   * @param problem What is wrong there.
   * @param condition The whole condition.
   * @param position The index of the character.
   */
  constructor(problem: string, condition: string, position: number) {
    // A line break or a tab would move the mark away from its character.
    const line = condition.replace(/\s/g, " ");
    super(
      `Can't read the condition at character ${position + 1}: ${problem}\n` +
        `  ${line}\n  ${" ".repeat(position)}^`,
    );
    this.name = "ConditionError";
    this.position = position;
  }
}
