/** A handler broke the rules of its transaction, or of its effects; its delivery fails. */
export class HandlerMisuse extends Error {
  override name = 'HandlerMisuse';
}
