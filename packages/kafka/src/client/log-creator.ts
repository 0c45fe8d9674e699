import type { Logger } from '@hookline/runtime';
import { logLevel, type LogEntry, type logCreator as LogCreator } from 'kafkajs';
import { brokerLog, connectionTo } from './broker-log.ts';

/**
 * Lines that KafkaJS logs as errors or warnings while it does the right thing by itself: elections, coordinators that
 * load, rebalances, a late answer to a request that was given up, and connections that we closed on purpose.
 */
const TRANSIENT = [
  /coordinator is (loading|not available)/i,
  /not the correct coordinator/i,
  /leadership election/i,
  /not the leader for that topic-partition/i,
  /does not host this topic-partition/i,
  /group is rebalancing/i,
  /member id|coordinator is not aware of this member/i,
  /Response without match/,
  /the client was abandoned/,
  // What a connection has said just before.
  /^Failed to connect to seed broker.+: Connection (error|timeout)/,
];

/** KafkaJS formats a line for every request at DEBUG, which costs even where nobody reads it. */
export function logLevelFor(logger: Logger): logLevel {
  return logger.isLevelEnabled('trace') ? logLevel.DEBUG : logLevel.INFO;
}

/**
 * Bridges KafkaJS's log to ours. Its errors become warnings, since it retries nearly all of them and what matters
 * comes back to us as a rejected promise or an event, logged there; only a crash of a consumer stays an error. Brokers
 * that cannot be reached are told of once, and then by number: several clients try several times a second.
 */
export function logCreator(logger: Logger): LogCreator {
  return () =>
    ({ namespace, level, log }) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...rest } = log;
      const fields = { kafkajs: namespace, ...rest };
      const its = pinoLevel(level, `${message} ${String(rest['error'] ?? '')}`);
      const kind = its === 'warn' ? brokerTrouble(namespace, log) : null;
      if (kind === null) logger[its](fields, message);
      else brokerLog(logger).failed(kind, fields, message);
    };
}

/** What kind of trouble with a broker a line tells of; null: none. */
function brokerTrouble(namespace: string, { message, ...rest }: LogEntry['log']): string | null {
  const broker = String(rest['broker']);
  const said = `${namespace} ${message}`;
  if (/^Connection Connection (error|timeout)/.test(said)) return connectionTo(broker);
  if (said.startsWith('SaslAuthenticator')) return `Sasl ${broker}`;
  return said.startsWith('BrokerPool ') ? said : null;
}

function pinoLevel(level: logLevel, text: string): 'error' | 'warn' | 'debug' | 'trace' {
  if (level === logLevel.DEBUG) return 'trace';
  if (level === logLevel.INFO || TRANSIENT.some((pattern) => pattern.test(text))) return 'debug';
  return text.startsWith('Crash') ? 'error' : 'warn';
}
