import { option } from '../options/kinds.ts';
import type { ConfigOf, Parsed } from '../options/option.ts';

/** Where traces go, and how many. */
export const tracesOptions = {
  tracesEndpoint: option.optionalUrl({
    env: 'HOOKLINE_TRACES_ENDPOINT',
    help: 'URL to which traces are sent by OTLP over HTTP in JSON, whole: http://collector:4318/v1/traces. Not set: nothing is traced.',
    schemes: ['http', 'https'],
  }),
  tracesSampleRatio: option.custom<number>({
    env: 'HOOKLINE_TRACES_SAMPLE_RATIO',
    help: 'Share of the traces begun here that are recorded. A trace that somebody else has begun is recorded where they say so.',
    type: 'ratio',
    allowed: '0 to 1',
    default: 1,
    parse: parseRatio,
  }),
  tracesHeaders: option.optionalString({
    env: 'HOOKLINE_TRACES_HEADERS',
    help: 'Headers that go with traces, such as a key of the receiver: name=value, separated by commas.',
    secret: true,
  }),
};

export type TracesConfig = ConfigOf<typeof tracesOptions>;

function parseRatio(text: string): Parsed<number> {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return { success: false, reason: 'not a number' };
  return value < 0 || value > 1 ? { success: false, reason: 'out of range' } : { success: true, value };
}
