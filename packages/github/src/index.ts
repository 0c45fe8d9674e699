export * from './facts.ts';
export * from './headers.ts';
export * from './media-type.ts';
export * from './payload.ts';
export * from './signature.ts';
