/** A value read from text, or the reason why not: a phrase that follows "is" and ends without a full stop. */
export type Parsed<T> = { success: true; value: T } | { success: false; reason: string };

/**
 * One setting. The environment, `--help`, the documentation page and the error messages all come from this object.
 * Made by the functions of `option`.
 */
export interface Option<T> {
  /** Name of the environment variable. */
  readonly env: string;
  /** One sentence: what it does. */
  readonly help: string;
  /** The kind of value, in a word or two, for people. */
  readonly type: string;
  /** Unit of the value, as in "ms". */
  readonly unit: string | undefined;
  /** What values are allowed, as in "1 to 65535". */
  readonly allowed: string | undefined;
  /**
   * The value is never shown, and can come from a mounted file named by `<env>_FILE` instead; the one line break
   * that editors leave at a file's end is not part of it.
   */
  readonly secret: boolean;
  /** There is no default: the start stops when it is not set. */
  readonly required: boolean;
  readonly default: T | undefined;
  /**
   * The variable of the secret whose `<env>_FILE` this is: its path, for what reads the file again. The secret itself is
   * read from it as ever, and tells of it.
   */
  readonly fileOf?: string;
  parse(text: string): Parsed<T>;
  /** The value as one would write it in the environment. */
  format(value: T): string;
  /** The value as logs may show it. */
  mask(value: T): unknown;
}

/** Every setting of a service, by the name that its configuration object gives it. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>;

export type ConfigOf<T extends OptionTable> = { -readonly [K in keyof T]: T[K] extends Option<infer V> ? V : never };
