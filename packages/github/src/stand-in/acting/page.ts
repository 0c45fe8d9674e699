import type { Acting } from './acting.ts';
import type { Reply } from '../reply.ts';

const LARGEST = 100;
const BY_DEFAULT = 30;

/** One page of a list by `per_page` and `page`, with GitHub's Link header. */
export function page<T>(entries: T[], { query, url }: Acting, body: (shown: T[]) => unknown): Reply {
  const size = Math.min(Math.max(Number(query.get('per_page') ?? BY_DEFAULT) || BY_DEFAULT, 1), LARGEST);
  const number = Math.max(Number(query.get('page') ?? 1) || 1, 1);
  const last = Math.max(Math.ceil(entries.length / size), 1);
  const link = (rel: string, to: number) => {
    const asked = new URLSearchParams(query);
    asked.set('page', String(to));
    return `<${url}?${asked.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link('prev', number - 1)] : []),
    ...(number < last ? [link('next', number + 1), link('last', last)] : []),
    ...(number > 1 ? [link('first', 1)] : []),
  ];
  return {
    status: 200,
    headers: links.length > 0 ? { link: links.join(', ') } : {},
    body: body(entries.slice((number - 1) * size, number * size)),
  };
}
