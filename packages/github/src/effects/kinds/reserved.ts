/** Names by which octokit takes options, and not parameters: where a request goes, and as whom. */
const RESERVED = ['baseUrl', 'method', 'url', 'request', 'headers', 'mediaType'];

/** What is wrong with parameters that a handler has given; null: nothing. */
export function reservedProblem(parameters: Record<string, unknown>): string | null {
  const reserved = RESERVED.filter((name) => Object.hasOwn(parameters, name));
  return reserved.length === 0 ? null : `Parameters cannot be named ${reserved.join(', ')}.`;
}
