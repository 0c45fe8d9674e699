export { aDelivery } from './a-delivery.ts';
export { appendDeliveries, type Appended } from './append-deliveries.ts';
export { connectTo } from './test-connection.ts';
export { until } from './until.ts';
