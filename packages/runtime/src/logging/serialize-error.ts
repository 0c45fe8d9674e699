/** What a log line says about an error. */
export interface SerializedError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: SerializedError;
  errors?: SerializedError[];
}

/** Beyond this a chain of causes is a circle, or tells nothing more. */
const MAX_DEPTH = 8;

/**
 * Name, message, code and stack, with the chain of causes and the parts of an AggregateError. Other properties are
 * left out on purpose: those of drivers and HTTP clients carry rows, headers and URLs. Never throws: anything can be
 * thrown, an object without a prototype or one whose getters throw, too, and telling of it must not fail.
 */
export function serializeError(error: unknown, depth = 0): SerializedError {
  try {
    return serialized(error, depth);
  } catch {
    return { type: typeof error, message: 'Something was thrown that cannot be read.' };
  }
}

function serialized(error: unknown, depth: number): SerializedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code } = error as { code?: unknown };
  const deeper = depth < MAX_DEPTH;
  return {
    type: error.name,
    message: error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(deeper && error.cause !== undefined && { cause: serializeError(error.cause, depth + 1) }),
    ...(deeper &&
      error instanceof AggregateError && { errors: error.errors.map((part) => serializeError(part, depth + 1)) }),
  };
}
