// A process that owns a stack, for the test that kills it: stack-contract.ts. Says on its standard output when the
// stack runs, and, at each SIGINT, whether its servers still answer.
import { kafkaAnswers, postgresAnswers } from '../readiness.ts';
import { startStack } from '../start-stack.ts';
import type { ProviderName } from '../stack.ts';

const stack = await startStack({ provider: process.argv[2] as ProviderName, parts: ['kafka', 'postgres'] });
const [broker] = stack.kafka;
process.on('SIGINT', () => void tell());
console.log('runs');
setInterval(() => {}, 60_000);

async function tell(): Promise<void> {
  const answers = await Promise.all([kafkaAnswers(broker?.port ?? 0, 1), postgresAnswers(stack.postgres.port)]);
  console.log(answers.every(Boolean) ? 'answers' : 'silent');
}
