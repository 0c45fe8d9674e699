export { aDelivery } from './a-delivery.ts';
export { appendDeliveries, type Appended } from './append-deliveries.ts';
export { askEachBroker } from './ask-each-broker.ts';
export { behindTls, type BehindTls } from './behind-tls.ts';
export { deleteRecords } from './delete-records.ts';
export { readDeliveries, type LoggedDelivery } from './read-deliveries.ts';
export { readRecords } from './read-records.ts';
export {
  startProgram,
  type LogLine,
  type ProcessEnd,
  type ProgramSettings,
  type ServiceProcess,
} from './start-program.ts';
export { deleteTopic, recreateTopic } from './recreate-topic.ts';
export { connectTo } from './test-connection.ts';
export { startTraceReceiver, type ReceivedSpan, type TraceReceiver } from './trace-receiver.ts';
export { until } from './until.ts';
