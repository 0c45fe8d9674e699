import type { StoredDelivery } from '@hookline/database';
import type { Output } from '../output.ts';
import type { fields } from '../table.ts';
import { bodyJson, bodyText } from './show-body.ts';
import { eventText, placeText } from './views.ts';

type Fields = Parameters<typeof fields>[0];

/** What every kept delivery is shown by. */
export function storedFields(one: StoredDelivery): Fields {
  return [
    ['guid', one.guid],
    ['event', eventText(one)],
    ['key', one.orderingKey],
    ['source', one.source],
    ['dedup scope', one.dedupScope],
    ['digest', one.digest && one.digest.toString('hex')],
    ['place', `${one.topic} ${placeText(one)}`],
    ['received at', one.receivedAt],
    ['in the log at', one.appendedAt],
    ['verified by', one.secretLabel],
    ['hook', one.hookId],
    ['bytes', one.bodyBytes],
    ['headers', one.headers && Object.entries(one.headers).map(([name, value]) => `${name}: ${value}`)],
  ];
}

/** As JSON: the body by its text, where it was asked for. */
export function storedJson<T extends StoredDelivery>(one: T): Omit<T, 'body'> & { body?: unknown } {
  const { body, ...rest } = one;
  return body === undefined ? rest : { ...rest, body: body && bodyJson(body) };
}

/** Prints the body, if it was asked for. */
export function printBody({ body, headers }: StoredDelivery, output: Output): void {
  if (body === undefined) return;
  if (body === null) return output.progress('There is no body: it was erased, or the record had none.');
  output.data('');
  output.data(bodyText(body, headers?.['content-type']));
}

/** Prints one part of a page: a heading, and lines below it. */
export function printPart(heading: string, lines: readonly string[], output: Output): void {
  if (lines.length === 0) return;
  output.data(`\n${heading}`);
  for (const line of lines) output.data(`  ${line}`);
}
