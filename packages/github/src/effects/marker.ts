/** Bytes of UTF-8 that GitHub takes in the body of a comment. Its error speaks of 65,536 characters, of four bytes each. */
const LONGEST_BODY = 262_144;

/**
 * The mark of an effect on what it makes, by which it is found again. An HTML comment: GitHub keeps it as it is, and shows
 * it to nobody.
 */
export function effectMarker(effectId: string): string {
  return `<!-- hookline:effect=${effectId} -->`;
}

/** The mark of the sticky comment of a name. */
export function stickyMarker(name: string): string {
  // Encoded, it holds no white space and no `>`: no name ends the comment.
  return `<!-- hookline:sticky=${encodeURIComponent(name.toWellFormed())} -->`;
}

export type Marked = { success: true; body: string } | { success: false; problem: string };

/** The body with its marker at its end, on a line of its own. */
export function withMarker(body: string, marker: string): Marked {
  const marked = `${body}\n\n${marker}`;
  const bytes = Buffer.byteLength(marked);
  if (bytes <= LONGEST_BODY) return { success: true, body: marked };
  const problem = `The comment has ${bytes} bytes with Hookline's marker; GitHub takes ${LONGEST_BODY}.`;
  return { success: false, problem };
}

/**
 * Whether a body has this marker. Only at its end, where nobody but its author can put it: a bot that quotes others would
 * carry their copies of a marker anywhere else.
 */
export function hasMarker(body: string, marker: string): boolean {
  return body.trimEnd().endsWith(marker);
}
