import { describe, expect, it } from '@jest/globals';
import { createMetrics } from './metrics.ts';

const metrics = createMetrics({ service: 'test' });

describe('metrics', () => {
  it('counts, sets and observes', async () => {
    metrics.counter({ name: 'hookline_a_total', help: 'A.', labelNames: ['reason'] }).inc({ reason: 'x' }, 2);
    metrics.gauge({ name: 'hookline_b_bytes', help: 'B.' }).set(7);
    metrics.histogram({ name: 'hookline_c_seconds', help: 'C.', buckets: [1, 2] }).observe(1.5);
    metrics.histogram({ name: 'hookline_d_seconds', help: 'D.' }).observe(1.5);
    const text = await metrics.registry.metrics();
    expect(text).toContain('hookline_a_total{reason="x"} 2');
    expect(text).toContain('hookline_b_bytes 7');
    expect(text.match(/^hookline_c_seconds_bucket.*/gm)).toEqual([
      'hookline_c_seconds_bucket{le="1"} 0',
      'hookline_c_seconds_bucket{le="2"} 1',
      'hookline_c_seconds_bucket{le="+Inf"} 1',
    ]);
    expect(text).toContain('hookline_d_seconds_bucket{le="0.005"} 0');
    expect(text).toContain('version="unknown"');
  });

  it.each([
    ['requests_total', 'must be called hookline_'],
    ['hookline_Requests_total', 'lower-case'],
    ['hookline__requests_total', 'joined by underscores'],
    ['hookline_wait_ms_total', 'base unit'],
    ['hookline_requests', 'must end in _total'],
  ])('refuses the counter %s', (name, rule) => {
    expect(() => metrics.counter({ name, help: '' })).toThrow(rule);
  });

  it.each(['hookline_wait_milliseconds', 'hookline_size_kb', 'hookline_age_minutes', 'hookline_full_percent'])(
    'refuses the unit of %s',
    (name) => {
      expect(() => metrics.gauge({ name, help: '' })).toThrow('must be in a base unit');
    },
  );

  it.each(['hookline_x_total', 'hookline_x_count', 'hookline_x_sum', 'hookline_x_bucket'])(
    'refuses %s for what is no counter',
    (name) => {
      expect(() => metrics.gauge({ name, help: '' })).toThrow('must not end in');
      expect(() => metrics.histogram({ name, help: '' })).toThrow('must not end in');
    },
  );

  it.each(['repository', 'repository_id', 'guid', 'sender', 'key'])(
    'refuses the label %s: its values have no bound, and each is a series for ever',
    (label) => {
      expect(() => metrics.counter({ name: 'hookline_e_total', help: '', labelNames: [label] })).toThrow(label);
    },
  );
});
