/**
 * What a handler wants done outside of the database: once, after its transaction has committed. Asking only takes notes,
 * and so returns nothing; a request that cannot be kept throws HandlerMisuse at once. A handler that runs again asks
 * again, and each effect is the same one: by its key, or by its place among the handler's effects that have none.
 *
 * Effects of one repository are sent one after another, in the order in which they were asked for.
 */
export interface Effects {
  /** A new comment on an issue or pull request. */
  githubComment(comment: CommentRequest): void;
  /** The one comment of the name `key` on an issue or pull request: made once, and changed from then on. */
  githubStickyComment(comment: StickyCommentRequest): void;
  /** The one check run of a name for a commit: made once, and changed from then on. */
  githubCheckRun(run: CheckRunRequest): void;
  /**
   * Any request of GitHub's REST API.
   *
   * @param route `PUT /repos/{owner}/{repo}/issues/{issue_number}/labels`; `owner` and `repo` are those of the delivery,
   * where the parameters do not name them
   */
  githubRequest(route: string, parameters?: Record<string, unknown>, options?: GithubRequestOptions): void;
  /** A POST of JSON, with an idempotency key. */
  post(request: PostRequest): void;
  /** The delivery's own bytes and GitHub headers, to a configured route. */
  forward(request: ForwardRequest): void;
  /** A job, which is run once by what asks for it with `onJob`; in order with the repository's other jobs. */
  job(name: string, payload: unknown, options?: EffectOptions): void;
  /** An effect of a kind that you have added to the relay. */
  add(kind: string, request: unknown, options?: AddOptions): void;
}

export interface EffectOptions {
  /**
   * Names the effect among those of this handler for this delivery, so that it stays the same when the code around it
   * changes. At most 200 characters; does not begin with `#`.
   */
  key?: string;
}

/** Where at GitHub, and by which installation of an App; as the delivery's payload says, where it is absent. */
export interface GithubPlace extends EffectOptions {
  owner?: string;
  repo?: string;
  installationId?: number | string;
}

/** An issue or pull request: of a payload, or by its number. */
export type OfIssue = { issue: { number: number }; issueNumber?: never } | { issueNumber: number; issue?: never };

export type CommentRequest = GithubPlace & OfIssue & { body: string };

export type StickyCommentRequest = Omit<GithubPlace, 'key'> &
  OfIssue & {
    /** Name of the comment on its issue; handlers that use the same name share the comment. */
    key: string;
    body: string;
  };

export interface CheckRunRequest extends GithubPlace {
  headSha: string;
  name: string;
  /** Other fields of GitHub's API: `status`, `conclusion`, `output`, … */
  [field: string]: unknown;
}

export interface GithubRequestOptions extends EffectOptions {
  /** As in {@link GithubPlace}. */
  installationId?: number | string;
  /** Sending it twice is as good as once. By its method, where absent: everything but POST and PATCH. */
  idempotent?: boolean;
}

export interface PostRequest extends EffectOptions {
  /** http or https. */
  url: string | URL;
  /** JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** Name of a signing secret that the relay is configured with; absent: it is not signed. */
  signWith?: string;
  /** Requests of one queue and repository are sent one after another; absent: the queue of all effects. */
  queue?: string;
}

export interface ForwardRequest extends EffectOptions {
  /** Name of the route: its URL and secret are the relay's. */
  route: string;
}

export interface AddOptions extends EffectOptions {
  queue?: string;
  /** The delivery's body and headers go with it. */
  withBody?: boolean;
}
