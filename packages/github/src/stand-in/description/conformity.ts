import { type CheckedReply, type CheckedRequest, replyProblems, requestProblems } from './check.ts';
import { type Operation, type Product, readDescription } from './document.ts';
import { type Found, operationFinder } from './find-operation.ts';
import { createValidate } from './validators.ts';

/** A request or reply that is not as GitHub describes it. */
export interface Mismatch {
  of: 'request' | 'reply';
  /** Method and path. */
  request: string;
  problems: string[];
}

/** Checks what goes through the stand-in against GitHub's description, and keeps what does not conform. */
export interface Conformity {
  find(method: string, path: string): Found | undefined;
  checkRequest(line: string, found: Found, request: CheckedRequest): void;
  checkReply(line: string, operation: Operation | null, reply: CheckedReply): void;
  readonly mismatches: Mismatch[];
}

type Checks = Pick<Conformity, 'find'> & { validate: ReturnType<typeof createValidate> };

const loaded = new Map<Product, Checks>();

export function createConformity(product: Product): Conformity {
  const { find, validate } = checksOf(product);
  const mismatches: Mismatch[] = [];
  const keep = (of: Mismatch['of'], request: string, problems: string[]) => {
    if (problems.length > 0) mismatches.push({ of, request, problems });
  };
  return {
    find,
    mismatches,
    checkRequest: (line, found, request) => keep('request', line, requestProblems(found, request, validate)),
    checkReply: (line, operation, reply) => keep('reply', line, replyProblems(operation, reply, validate)),
  };
}

/** Once per product and process: a test run starts many stand-ins. */
function checksOf(product: Product): Checks {
  const known = loaded.get(product);
  if (known !== undefined) return known;
  const description = readDescription(product);
  const checks = { find: operationFinder(description.operations), validate: createValidate(description) };
  loaded.set(product, checks);
  return checks;
}
