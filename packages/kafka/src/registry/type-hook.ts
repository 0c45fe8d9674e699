import type { Schema, Type } from 'avsc';
import { boundedCollections } from './bounded-collections.ts';
import { bytesInPlace } from './bytes-in-place.ts';

/** How we read what avsc reads otherwise. */
export function typeHook(schema: Schema | string, options: object): Type | undefined {
  return boundedCollections(schema, options) ?? bytesInPlace(schema);
}
