import type { Command } from 'commander';
import type { Output } from './output.ts';

/** Adds the decisions about held deliveries to `hookline replays`. */
export function addReplayDecisions(_replays: Command, _output: Output): void {}
