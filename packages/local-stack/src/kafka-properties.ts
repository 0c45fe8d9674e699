import { MAX_RECORD_BYTES } from '@hookline/contracts';

export interface BrokerLayout {
  /** 1 is a broker and the cluster's controller; 2 is a broker. */
  nodeId: number;
  /** `host:port` at which every node reaches the controller. */
  controller: string;
  /** Value of `listeners`, without the controller's. */
  listeners: string;
  controllerListener: string;
  advertisedListeners: string;
  interBrokerListener: string;
  logDirectory: string;
}

/** A broker's configuration, the same by both providers: a small KRaft cluster with everything that we rely on set. */
export function kafkaProperties(layout: BrokerLayout): Record<string, string> {
  const isController = layout.nodeId === 1;
  return {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': String(layout.nodeId),
    'controller.quorum.voters': `1@${layout.controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: isController ? `${layout.listeners},${layout.controllerListener}` : layout.listeners,
    'advertised.listeners': layout.advertisedListeners,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': layout.interBrokerListener,
    'log.dirs': layout.logDirectory,

    'auto.create.topics.enable': 'false',
    'message.max.bytes': String(MAX_RECORD_BYTES),
    'replica.fetch.max.bytes': String(MAX_RECORD_BYTES),
    // Tests of lost members wait for sessions to end: allow short ones, and let a group form at once.
    'group.min.session.timeout.ms': '1000',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that dies is noticed, and its partitions move, within three seconds instead of nine.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // One copy of the group offsets: they stay readable while the second broker is down.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // The default takes a quarter of the heap that we give.
    'log.cleaner.dedupe.buffer.size': String(16 * 1024 * 1024),
  };
}
