import { TraceFlags, type Context, type Link } from '@opentelemetry/api';
import { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace';

/**
 * A trace is recorded as a whole or not at all: where it begins a share of them, and behind that as the parent says. What
 * begins one and is linked to others, such as a batch, is recorded with any of them: else links would lead nowhere.
 */
export function createSampler(ratio: number): Sampler {
  const share = new TraceIdRatioBasedSampler(ratio);
  const root: Sampler = {
    shouldSample(context: Context, traceId: string, _name, _kind, _attributes, links: Link[]) {
      if (links.some((link) => isSampled(link.context.traceFlags)))
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      return share.shouldSample(context, traceId);
    },
    toString: () => `WithLinks(${share.toString()})`,
  };
  return new ParentBasedSampler({ root });
}

export function isSampled(flags: number): boolean {
  return (flags & TraceFlags.SAMPLED) !== 0;
}
