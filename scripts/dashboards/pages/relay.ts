import { graph, of, quantiles, query, ratesBy, type Dashboard } from '../spec.ts';

export const relay: Dashboard = {
  name: 'relay',
  title: 'Hookline: relay',
  description: 'From the outbox to the targets: what was sent, what waits, what died.',
  rows: [
    {
      title: 'Attempts',
      panels: [
        graph('Attempts by outcome', 'reqps', ratesBy('outcome', 'hookline_effect_attempts_total'), {
          description: 'limited: the target has asked to wait; ambiguous: nobody knows how it ended.',
          runbook: 'effects-wait',
          stacked: true,
        }),
        graph('Sent, by kind', 'reqps', ratesBy('kind', 'hookline_effect_attempts_total', 'outcome="sent"'), {
          description: 'Effects that were sent.',
          runbook: 'effects-wait',
          stacked: true,
        }),
        graph('Time of an attempt', 's', quantiles('hookline_effect_attempt_seconds', 'kind', '', [0.99]), {
          description: 'From its claim to its end: mostly the target.',
          runbook: 'effects-wait',
        }),
        graph('Committed to sent', 's', quantiles('hookline_effect_commit_to_sent_seconds', 'kind'), {
          description: 'From the commit of an effect to the end of the attempt that has sent it.',
          runbook: 'effects-wait',
        }),
        graph('In flight', 'short', [query(`sum(${of('hookline_effects_in_flight')})`, 'attempts')], {
          description: 'Bounded by HOOKLINE_EFFECT_CONCURRENCY of each relay.',
          runbook: 'effects-wait',
        }),
        graph(
          'Given up',
          'short',
          [query(`sum by (kind, reason) (${of('hookline_effects_dead_total')})`, '{{kind}} {{reason}}')],
          {
            description: 'Dead effects since the processes began.',
            runbook: 'dead-effects',
          },
        ),
      ],
    },
    {
      title: 'What waits',
      panels: [
        graph(
          'The first effect waits since',
          's',
          [query(`time() - min(${of('hookline_outbox_oldest_timestamp_seconds')} > 0)`, 'age')],
          {
            description: 'As processors see it; empty: none waits.',
            runbook: 'effects-wait',
          },
        ),
        graph(
          'Effects in memory',
          'short',
          [
            query(`sum(${of('hookline_effects_queued')})`, 'effects'),
            query(`sum(${of('hookline_effect_queues')})`, 'queues'),
          ],
          {
            description: 'Behind them others may wait in the database.',
            runbook: 'effects-wait',
          },
        ),
        graph('Kinds that nobody has', 'reqps', ratesBy('kind', 'hookline_effects_unknown_kind_total'), {
          description: 'Put off until a relay comes that has the kind.',
          runbook: 'effects-wait',
        }),
      ],
    },
    {
      title: 'Shards',
      panels: [
        graph('Shards held', 'short', [query(`sum by (instance) (${of('hookline_shards_held')})`, '{{instance}}')], {
          description: 'Together all of them, in even shares.',
          runbook: 'relays-lose-their-shards',
          stacked: true,
        }),
        graph('Relays', 'short', [query(`max(${of('hookline_relays')})`, 'relays')], {
          description: 'That share the shards, as of the last renewal.',
          runbook: 'relays-lose-their-shards',
        }),
        graph(
          'Shards taken and lost',
          'short',
          [
            query(`sum(${of('hookline_shards_taken_total')})`, 'taken'),
            query(`sum(${of('hookline_shards_lost_total')})`, 'lost'),
          ],
          {
            description: 'Since the processes began. Lost: a lease had ended before it was renewed.',
            runbook: 'relays-lose-their-shards',
          },
        ),
      ],
    },
  ],
};
