import { hasMarker } from './marker.ts';

/** Who made a comment, as far as GitHub tells. */
export interface Author {
  login: string;
  /** An App's bot; else a user. */
  bot: boolean;
}

/** A comment as GitHub lists it. */
export interface ListedComment {
  id: number | bigint;
  html_url: string;
  body?: string;
  user: { login: string; type: string } | null;
}

export interface Twins {
  /** The oldest with the marker of this author; undefined: there is none. */
  kept: ListedComment | undefined;
  /** Those that were made after it, and should not be there. */
  younger: ListedComment[];
}

/** Finds what one effect, or one name, has made. Others' comments with the marker are none of it: they are copies. */
export function findTwins(comments: readonly ListedComment[], marker: string, author: Author): Twins {
  const [kept, ...younger] = comments
    .filter(({ body, user }) => hasMarker(body ?? '', marker) && isBy(user, author))
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return { kept, younger };
}

function isBy(user: ListedComment['user'], { login, bot }: Author): boolean {
  return user !== null && user.login.toLowerCase() === login.toLowerCase() && (user.type === 'Bot') === bot;
}
