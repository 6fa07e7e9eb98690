/**
 * Conditions as people write them in SQL, as expressions.
 *
 * @module
 */
import { and, col, type Expression, lit, not, or, type Predicate, type Value } from "spillway";
import { type Constant, dateForms, dateOf, numberOf } from "./condition_constant.ts";
import { ConditionError } from "./condition_error.ts";
import { conditionTokens, type Token } from "./condition_tokens.ts";

/** Words that are no names unless they are quoted. */
const keywords = new Set("AND BETWEEN FALSE IN IS LIKE NOT NULL OR TRUE".split(" "));

/** Comparisons by their signs. */
const comparisons: Readonly<Record<string, "eq" | "ne" | "lt" | "le" | "gt" | "ge">> = {
  "=": "eq",
  "==": "eq",
  "<>": "ne",
  "!=": "ne",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};

/**
 * Reads a condition: comparisons, `AND`, `OR`, `NOT`, brackets, `BETWEEN`, `IN`, `IS NULL`, `LIKE`.
 *
 * Names are those of columns, with dots between those of a struct and its fields; in double quotes
 * they may be anything. Constants are numbers, `'text'`, `TRUE`, `FALSE`, `NULL`, `DATE '2026-01-31'`
 * and `TIMESTAMP '2026-01-31 12:00'`, which is UTC unless it has a zone. Text stands for a date or a
 * number beside a column of such a type.
 *
 * @param condition The condition.
 * @returns The expression.
 * @throws {ConditionError} Where it can't be read, with the position.
 */
export function parseCondition(condition: string): Predicate {
  return new Parser(condition).condition();
}

/** Goes through the tokens of a condition; a method for each thing that it may consist of. */
class Parser {
  readonly #condition: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Where the comparison begins that is being read. */
  #begin = 0;

  constructor(condition: string) {
    this.#condition = condition;
    this.#tokens = conditionTokens(condition);
  }

  condition(): Predicate {
    try {
      return this.#whole();
    } catch (error) {
      if (error instanceof ConditionError || !(error instanceof Error)) throw error;
      // What no expression can be made of, such as text compared with a date.
      const problem = error.message.charAt(0).toLowerCase() + error.message.slice(1);
      throw new ConditionError(problem, this.#condition, this.#begin);
    }
  }

  #whole(): Predicate {
    const result = this.#alternatives();
    if (this.#next.kind !== "end") {
      throw this.#error(`there must be AND, OR or the end here, not ${this.#next.source}`);
    }
    return result;
  }

  #alternatives(): Predicate {
    const parts = [this.#conjunction()];
    while (this.#took("OR")) parts.push(this.#conjunction());
    return or(...parts);
  }

  #conjunction(): Predicate {
    const parts = [this.#negation()];
    while (this.#took("AND")) parts.push(this.#negation());
    return and(...parts);
  }

  #negation(): Predicate {
    if (this.#took("NOT")) return not(this.#negation());
    if (!this.#took("(")) return this.#test();
    const result = this.#alternatives();
    this.#take(")");
    return result;
  }

  /** A value and what is said of it; a column may stand alone, as one of booleans. */
  #test(): Predicate {
    const begin = this.#next;
    this.#begin = begin.position;
    const constant = this.#constantIfAny();
    const left = constant === undefined ? this.#column() : lit(constant);
    const comparison = comparisons[this.#next.source];
    if (comparison !== undefined) {
      this.#at++;
      return left[comparison](this.#value());
    }
    if (this.#took("IS")) {
      const isNegated = this.#took("NOT");
      this.#take("NULL");
      return isNegated ? left.isNotNull() : left.isNull();
    }
    const isNegated = this.#took("NOT");
    const test = this.#membership(left, isNegated);
    if (test !== null) return test;
    const isColumn = constant === undefined && !isNegated;
    if (isColumn && (this.#next.kind === "end" || this.#isWord("AND", "OR", ")"))) return left;
    const what = isNegated
      ? "there must be BETWEEN, IN or LIKE after NOT"
      : `there must be a comparison after ${begin.source}, such as = 1, IS NULL or IN (1, 2)`;
    throw this.#error(`${what}, not ${this.#nextText}`);
  }

  /** What may have NOT in front; `null` where there is none of it. */
  #membership(left: Expression<Value>, isNegated: boolean): Predicate | null {
    if (this.#took("IN")) {
      const values = this.#list();
      return isNegated ? left.notIn(values) : left.in(values);
    }
    const test = this.#took("BETWEEN")
      ? this.#range(left)
      : this.#took("LIKE")
      ? left.like(this.#pattern())
      : null;
    return test !== null && isNegated ? not(test) : test;
  }

  #range(left: Expression<Value>): Predicate {
    const low = this.#value();
    this.#take("AND");
    return left.between(low, this.#value());
  }

  #pattern(): string {
    const { kind, value } = this.#next;
    if (kind !== "text") {
      throw this.#error(`there must be a 'text' after LIKE, not ${this.#nextText}`);
    }
    this.#at++;
    return value;
  }

  #list(): Constant[] {
    this.#take("(");
    const values: Constant[] = [];
    do {
      const value = this.#constantIfAny();
      if (value === undefined) {
        throw this.#error(`there must be a constant in the list of IN, not ${this.#nextText}`);
      }
      values.push(value);
    } while (this.#took(","));
    this.#take(")");
    return values;
  }

  #value(): Constant | Expression<Value> {
    const constant = this.#constantIfAny();
    return constant === undefined ? this.#column() : constant;
  }

  #column(): Expression<Value> {
    const first = this.#name("a column or a constant");
    const names = [first];
    while (this.#took(".")) names.push(this.#name("the name of a field"));
    // Dotted names are looked for as they stand, unless quotes say where each begins.
    if (names.every(({ kind }) => kind === "name")) {
      return col(names.map(({ value }) => value).join("."));
    }
    return names.slice(1).reduce((column, { value }) => column.field(value), col(first.value));
  }

  #name(wanted: string): Token {
    const token = this.#next;
    const isName = token.kind === "quoted name" || token.kind === "name" && !isKeyword(token);
    if (!isName) {
      const hint = isKeyword(token) ? `. A column of that name is written "${token.source}"` : "";
      throw this.#error(`there must be ${wanted} here, not ${this.#nextText}${hint}`);
    }
    this.#at++;
    return token;
  }

  /** A constant; `undefined`, where there is none. */
  #constantIfAny(): Constant | undefined {
    const { kind, value } = this.#next;
    if (kind === "text" || kind === "number") {
      this.#at++;
      return kind === "text" ? value : numberOf(value);
    }
    if (this.#took("TRUE")) return true;
    if (this.#took("FALSE")) return false;
    if (this.#took("NULL")) return null;
    return this.#dateIfAny("DATE") ?? this.#dateIfAny("TIMESTAMP");
  }

  /** A date or a point in time; the word in front may as well be the name of a column. */
  #dateIfAny(word: keyof typeof dateForms): Date | undefined {
    const text = this.#tokens[this.#at + 1];
    if (!this.#isWord(word) || text?.kind !== "text") return undefined;
    this.#at++;
    const date = dateOf(text.value, word);
    if (date === null) {
      const { example } = dateForms[word];
      throw this.#error(
        `there must be a ${word.toLowerCase()} such as '${example}' here, not ${text.source}`,
      );
    }
    this.#at++;
    return date;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  get #nextText(): string {
    return this.#next.kind === "end" ? "the end" : this.#next.source;
  }

  #isWord(...words: readonly string[]): boolean {
    const { kind, source } = this.#next;
    return (kind === "name" || kind === "sign") && words.includes(source.toUpperCase());
  }

  #took(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at++;
    return true;
  }

  #take(word: string): void {
    if (!this.#took(word)) throw this.#error(`there must be ${word} here, not ${this.#nextText}`);
  }

  #error(problem: string): ConditionError {
    return new ConditionError(problem, this.#condition, this.#next.position);
  }
}

function isKeyword({ kind, source }: Token): boolean {
  return kind === "name" && keywords.has(source.toUpperCase());
}
