/** A place in the log, as people read it: an incarnation only where the log was made anew. */
export function placeText({
  partition,
  incarnation,
  offset,
}: {
  partition: number;
  incarnation: number;
  offset: bigint;
}): string {
  return `${partition}/${offset}${incarnation === 1 ? '' : ` (${incarnation})`}`;
}

export function eventText({ event, action }: { event: string | null; action: string | null }): string | null {
  return event && action ? `${event}.${action}` : event;
}
