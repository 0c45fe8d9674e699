/** The unit of a metric of ours, as its name says it: base units only. */
export function unitOf(name: string): string {
  const measured = name.replace(/_total$/, '');
  if (measured.endsWith('_timestamp_seconds')) return 'seconds since 1970';
  if (measured.endsWith('_seconds')) return 'seconds';
  if (measured.endsWith('_bytes')) return 'bytes';
  return name.endsWith('_total') ? 'count' : 'number';
}
