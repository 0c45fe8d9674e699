import type { Control } from '@hookline/contracts';

/** A control record with every field filled, in which a test replaces what it is about. */
export function sampleControl(changes: Partial<Control> = {}): Control {
  return {
    commandId: '0195f1a2-0000-7000-8000-000000000001',
    command: 'redrive',
    actor: 'ada@ops',
    why: 'The database is back.',
    issuedAt: 1_795_386_698_613,
    orderingKey: 'github.com/repository/90071992547409931',
    state: 'dead',
    incarnation: 1,
    offset: '9007199254740993',
    generation: 2,
    handlers: ['welcome', 'sync'],
    digest: Buffer.alloc(32, 7),
    dedupScope: 'demo',
    event: 'issues',
    effectId: '9d1f0c52-0000-8000-8000-000000000001',
    ...changes,
  };
}
