/** What is answered to a request. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** JSON; undefined: none. */
  body?: unknown;
}

const DOCS = 'https://docs.github.com/rest';

/** An error as GitHub tells of it. */
export function errorReply(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return { status, headers, body: { message, documentation_url: DOCS, status: String(status) } };
}

/** 422, for one field of a resource. */
export function invalid(resource: string, field: string, message: string): Reply {
  return {
    status: 422,
    body: {
      message: 'Validation Failed',
      errors: [{ resource, code: 'unprocessable', field, message }],
      documentation_url: DOCS,
      status: '422',
    },
  };
}

export const notFound = (): Reply => errorReply(404, 'Not Found');
